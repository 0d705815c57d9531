"""Finding the members of an axis: one file each in its folder, a plug-in, or an import path.

Nothing is listed by hand: a module in an axis folder is a member, named after its file. Members
may also come from installed packages (entry-point group `benchmark.plugins`) or be written as
`package.module:Class`. Importing a built-in member imports no torch.
"""

# An axis is made of the abstract class that its members share.
# mypy: disable-error-code="type-abstract"

from __future__ import annotations

import hashlib
import importlib
import inspect
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from benchmark.compression.base import Compression
from benchmark.data.corpora.base import Corpus
from benchmark.errors import UserError
from benchmark.methods.base import Method
from benchmark.models.base import Model
from benchmark.optimizers.base import Optimizer
from benchmark.runtimes.base import NATIVE, Runtime

T = TypeVar("T")


class SettingError(UserError):
    """A parameter that a member does not have, or a value that it does not accept."""

    def __init__(self, message: str, parameter: str) -> None:
        super().__init__(message)
        self.parameter = parameter


def did_you_mean(name: str, known: list[str]) -> str:
    """`; did you mean 'x'?` or `; known: a, b, c`."""
    if close := get_close_matches(name, known, n=1, cutoff=0.6):
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(known)}"


@dataclass(frozen=True)
class Found(Generic[T]):
    """A member by name, with the settings that the name itself stands for (`int8`: bits = 8)."""

    name: str
    cls: type[T]
    implied: Mapping[str, Any]


class Axis(Generic[T]):
    """All members of one axis."""

    def __init__(self, name: str, base: type[T]) -> None:
        self.name = name
        self.base = base
        self.package = base.__module__.rpartition(".")[0]

    @cached_property
    def members(self) -> dict[str, type[T]]:
        """Built-in members and those of installed plug-ins, by name."""
        folder = importlib.import_module(self.package).__path__
        found = {
            module.name: self._only_member(f"{self.package}.{module.name}")
            for module in pkgutil.iter_modules(folder)
            if not module.ispkg and module.name != "base"
        }
        for point in entry_points(group="benchmark.plugins"):
            cls = point.load()
            if isinstance(cls, type) and issubclass(cls, self.base):
                if point.name in found:
                    raise UserError(
                        f"plug-in {point.value!r} is named as the built-in {point.name!r}"
                    )
                found[point.name] = cls
        return dict(sorted(found.items()))

    def names(self) -> list[str]:
        """What can be written in a suite; a family reads `int<bits>`."""
        return [_family_name(cls) or name for name, cls in self.members.items()]

    def find(self, name: str) -> Found[T]:
        """The member called `name`. Raises UserError with a suggestion when there is none."""
        if ":" in name:
            return Found(name, self._imported(name), {})
        for member, cls in self.members.items():
            pattern = getattr(cls, "pattern", None)
            if pattern is None:
                if member == name:
                    return Found(name, cls, {})
            elif match := re.fullmatch(pattern, name):
                return Found(name, cls, cast(Any, cls).from_name(match.groupdict()))
        raise UserError(f"unknown {self.name} {name!r}{did_you_mean(name, self.names())}")

    def make(self, name: str, settings: Mapping[str, Any] | None = None) -> T:
        """The member called `name` with `settings` checked against its fields."""
        found = self.find(name)
        given = {**found.implied, **(settings or {})}
        known = [field.name for field in fields(cast(Any, found.cls))]
        for parameter in given:
            if parameter not in known:
                hint = did_you_mean(parameter, known) if known else "; it has none"
                raise SettingError(f"{name} has no parameter {parameter!r}{hint}", parameter)
        try:
            return TypeAdapter(found.cls).validate_python(given)
        except ValidationError as error:
            first = error.errors()[0]
            reason = first["msg"].removeprefix("Value error, ").lower()
            if not first["loc"]:
                raise SettingError(f"{name}: {reason}", "") from None
            parameter = str(first["loc"][0])
            wrong = f"{name}: {parameter} = {given.get(parameter)!r}: {reason}"
            raise SettingError(wrong, parameter) from None

    def identity(self, name: str, member: T, beside: Path = Path()) -> dict[str, Any]:
        """What decides the behaviour of a member, as JSON values: name, version, all settings.

        Files that a setting names stand for their content (see `Model.pinned`). A plug-in's source
        is part of it, since its author changes it without raising a version. Raises UserError
        where such files are not there.

        A setting that a class names in `added_fields` is left out at its default: a member that
        learns something new behaves as before where it is not asked to, and keeps its stored
        results. Such a default can therefore change only together with `version`.
        """
        cls = type(member)
        pinned = getattr(member, "pinned", None)
        member = pinned(beside) if pinned else member
        added = getattr(cls, "added_fields", ())
        defaults = {f.name: f.default for f in fields(cast(Any, cls)) if f.name in added}
        settings = asdict(cast(Any, member))
        identity: dict[str, Any] = {
            "name": name,
            "version": getattr(cls, "version", 1),
            "settings": {
                setting: value
                for setting, value in settings.items()
                if setting not in defaults or value != defaults[setting]
            },
        }
        if not cls.__module__.startswith("benchmark."):
            source = Path(inspect.getfile(cls)).read_bytes()
            identity["source"] = hashlib.sha256(source).hexdigest()[:16]
        return identity

    def _only_member(self, module_name: str) -> type[T]:
        module = importlib.import_module(module_name)
        own = [
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, self.base)
            and value.__module__ == module_name
            and not inspect.isabstract(value)
        ]
        if len(own) != 1:
            raise TypeError(f"{module_name} defines {len(own)} members of {self.name}, not one")
        return own[0]

    def _imported(self, name: str) -> type[T]:
        module_name, _, attribute = name.partition(":")
        try:
            cls = getattr(importlib.import_module(module_name), attribute)
        except (ImportError, AttributeError) as error:
            raise UserError(f"cannot import {name!r}: {error}") from None
        if not (isinstance(cls, type) and issubclass(cls, self.base)):
            raise UserError(f"{name!r} is not a {self.base.__name__}")
        return cls


def _family_name(cls: type) -> str | None:
    pattern = getattr(cls, "pattern", None)
    return None if pattern is None else re.sub(r"\(\?P<(\w+)>[^)]*\)\??", r"<\1>", pattern)


CORPORA: Axis[Corpus] = Axis("corpus", Corpus)
MODELS: Axis[Model] = Axis("model", Model)
METHODS: Axis[Method] = Axis("method", Method)
OPTIMIZERS: Axis[Optimizer] = Axis("optimizer", Optimizer)
COMPRESSIONS: Axis[Compression] = Axis("compression", Compression)
RUNTIMES: Axis[Runtime] = Axis("runtime", Runtime)

AXES: dict[str, Axis[Any]] = {
    "corpora": CORPORA,
    "models": MODELS,
    "methods": METHODS,
    "optimizers": OPTIMIZERS,
    "compressions": COMPRESSIONS,
    "runtimes": RUNTIMES,
}


def runtime_of(identity: Mapping[str, Any]) -> Runtime:
    """The runtime that a stage names, by name alone or with settings; the native one if none."""
    named = identity.get("runtime", NATIVE)
    if isinstance(named, str):
        return RUNTIMES.make(named)
    return RUNTIMES.make(named["name"], named["settings"])
