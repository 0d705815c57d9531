"""`try`: check a user's own member on tiny data, and say what is wrong with it."""

from __future__ import annotations

import argparse
import importlib
import inspect
import itertools
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

from benchmark.errors import Exit, UserError
from benchmark.execute.run import Options, Outcome, run_suite
from benchmark.foreign import blaming
from benchmark.registry import AXES, did_you_mean
from benchmark.suite.load import load
from benchmark.suite.matrix import matrix

TINY: dict[str, Any] = {
    "name": "try",
    "data": {
        "source": {"name": "synthetic", "train": 12, "validation": 1, "test": 4},
        "train": ["de", "es"],
        "test": ["nl"],
        "shots": [6],
    },
    "models": [{"name": "conv_ctc", "channels": 16, "blocks": 1, "kernel": 3}],
    "methods": ["joint"],
    "optimizers": ["adamw"],
    "compressions": ["none"],
    "seeds": [0],
    "budget": {"meta_train": 384, "adapt": 24},
    "timing": {"seconds": 0.5},
}
"""The suite that a member is tried in; its own axis holds nothing but the member."""


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Runs the whole main job with each member that the file defines."""
    exit_code = Exit.OK
    for axis, cls in _members(options.file):
        name = f"{cls.__module__}:{cls.__name__}"
        complaints = [*_complaints(cls), *_trial(axis, name, cls)]
        if complaints:
            exit_code = Exit.INCOMPLETE
            console.print(f"[red]{name}[/red]: {len(complaints)} thing(s) to mend")
            for complaint in complaints:
                console.print(f"  {complaint}", markup=False)
        else:
            console.print(f"[green]{name}[/green]: works; a suite names it so under `{axis}`")
    return exit_code


def _members(path: Path) -> Iterator[tuple[str, type]]:
    if path.suffix != ".py" or not path.is_file():
        raise UserError(f"{path}: no such Python file")
    sys.path.insert(0, str(path.resolve().parent))
    with blaming(f"{path} cannot be imported"):
        module = importlib.import_module(path.stem)
    found = False
    for axis, registry in AXES.items():
        for value in vars(module).values():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and issubclass(value, registry.base):
                found = True
                yield axis, value
    if not found:
        bases = ", ".join(registry.base.__name__ for registry in AXES.values())
        raise UserError(f"{path} defines no subclass of {bases}")


def _complaints(cls: type) -> Iterator[str]:
    """What can be seen without running it."""
    if not is_dataclass(cls) or "__dataclass_params__" not in vars(cls):
        yield "decorate it with @dataclass(frozen=True): its fields are what a suite may set"
    if not (vars(cls).get("__doc__") or "").strip() or cls.__doc__.startswith(f"{cls.__name__}("):  # type: ignore[union-attr]
        yield "give it a docstring: its first line is what `list` shows"
    if inspect.isabstract(cls):
        missing = ", ".join(sorted(cls.__abstractmethods__))  # type: ignore[attr-defined]
        yield f"it lacks {missing}"
    known = list(getattr(cls, "__dataclass_fields__", ()))
    for name in getattr(cls, "search_space", ()):
        if name not in known:
            yield f"search_space names {name!r}, which is no parameter{did_you_mean(name, known)}"


def _trial(axis: str, name: str, cls: type) -> Iterator[str]:
    """What goes wrong when the tiny suite runs with it."""
    if inspect.isabstract(cls):
        return
    suite = dict(TINY)
    if axis == "corpora":
        with blaming("its `languages` failed"):
            languages = cls().languages() or []
        if len(languages) < 2:
            yield "its `languages` must name two or more, so that one can be adapted to"
            return
        data = {"train": languages[:1], "test": languages[1:2], "shots": [4], "disjoint": []}
        suite["data"] = {"source": {"name": name}, **data}
    else:
        suite[axis] = [name]
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "try.yaml"
        path.write_text(yaml.safe_dump(suite))
        loaded = load(path)
        options = Options(results=Path(scratch), device="cpu", jobs=1)
        outcome = run_suite(loaded, matrix(loaded), options, Console(quiet=True))
        yield from outcome.reasons
        yield from _where(outcome, name.partition(":")[0])


def _where(outcome: Outcome, module: str) -> Iterator[str]:
    """The lines of the user's file that stored tracebacks lead through."""
    for path in sorted(outcome.folder.glob("stages/*/traceback.txt")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for place, code in itertools.pairwise(lines):
            if f"{module}.py" in place:
                yield f"{place.strip()}: {code.strip()}"
