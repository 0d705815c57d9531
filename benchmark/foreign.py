"""Code that others wrote: importing a class of it, and saying where it fails."""

from __future__ import annotations

import importlib
import inspect
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from benchmark.errors import UserError, one_line, shown

T = TypeVar("T")


def import_class(path: str, base: type[T]) -> type[T]:
    """The subclass of `base` that `package.module:Class` names; this runs the module.

    Raises UserError with the reason where there is none, whatever the module raises.
    """
    module, _, name = path.partition(":")
    if not all(part.isidentifier() for part in [*module.split("."), name]):
        raise UserError(
            f"cannot import {shown(path)}: expected package.module:Class, a module from its top"
            " package on and a class in it"
        )
    with blaming(f"cannot import {shown(path)}"):
        cls = getattr(importlib.import_module(module), name)
    if not (isinstance(cls, type) and issubclass(cls, base)):
        raise UserError(f"{shown(path)} is no subclass of {base.__name__}")
    if inspect.isabstract(cls):
        missing = ", ".join(sorted(cls.__abstractmethods__))  # type: ignore[attr-defined]
        raise UserError(f"{shown(path)} lacks {missing}, which every {base.__name__} has")
    return cls


@contextmanager
def blaming(what: str) -> Iterator[None]:
    """Whatever code of others raises, as a UserError that begins with `what` and says where.

    SystemExit too: a module that ends the process would say nothing of why.
    """
    try:
        yield
    except (KeyboardInterrupt, UserError, ValidationError):
        raise
    except BaseException as error:
        said = one_line(f"{type(error).__name__}{_place(error)}: {error}")
        raise UserError(f"{what}: {said[:300]}") from None


def calling(cls: type, what: str) -> AbstractContextManager[None]:
    """`blaming` where a class is not of this package; our own mistakes are shown as they are."""
    return nullcontext() if is_ours(cls) else blaming(what)


def is_ours(cls: type) -> bool:
    """Whether a class comes with this package."""
    return cls.__module__.startswith("benchmark.")


def _place(error: BaseException) -> str:
    """The last line of theirs that an error went through, if there is one."""
    machinery = ("<", str(Path(importlib.__file__).parent), __file__)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        ours = f"{Path(__file__).parent}/"
        if not frame.filename.startswith((*machinery, ours)):
            return f" at {Path(frame.filename).name}:{frame.lineno}"
    return ""
