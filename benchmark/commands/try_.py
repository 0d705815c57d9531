"""`try`: checks a user's own member on tiny data and lists its problems."""

from __future__ import annotations

import argparse
import importlib
import inspect
import itertools
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from benchmark.errors import Exit, UserError, did_you_mean

if TYPE_CHECKING:
    from benchmark.session.outcome import Outcome

ORDER = 13
SUMMARY = "Check your own method, optimizer, compression, model or corpus on tiny data."
EXAMPLE = "try my_method.py"

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
    "timing": {"seconds": 0.5, "runs": 11},
}
"""The suite for the trial. The tried member is added to the members of its axis."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The user's file."""
    parser.add_argument("file", type=Path, metavar="FILE.py")


def main(options: argparse.Namespace, console: Console) -> Exit:
    """Run the complete pipeline with each member that the file defines."""
    exit_code = Exit.OK
    for axis, cls in _members(options.file):
        name = f"{cls.__module__}:{cls.__name__}"
        # The member only runs if its class definition has no problem.
        trial = Trial(list(_definition_problems(cls)))
        if not trial.problems:
            trial = _run_trial(axis, name, cls)
        console.print(name, style="red" if trial.problems else "green", markup=False)
        for fact in trial.facts:
            console.print(f"  {fact}", markup=False)
        if trial.problems:
            exit_code = Exit.INCOMPLETE
            count = len(trial.problems)
            console.print(f"{count} problem{'s' if count > 1 else ''} found", style="red")
            for problem in trial.problems:
                console.print(f"  {problem}", markup=False)
        else:
            console.print(f"OK. {_describe_use(axis, name)}", markup=False)
    return exit_code


@dataclass
class Trial:
    """The outcome of a trial: problems, and facts such as error rates."""

    problems: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)


def _describe_use(axis: str, name: str) -> str:
    """How to use a member without problems."""
    if axis == "metrics":
        from benchmark.registry import METRICS

        return f"Put the file into {METRICS.package.replace('.', '/')}, or install it as a plug-in"
    add = f"`data: {{source: {name}}}`" if axis == "corpora" else f"`{axis}: [{name}]`"
    return f"Add it to a suite: {add}"


def _members(path: Path) -> Iterator[tuple[str, type]]:
    """The axis and class of each member that a file defines. Raises UserError if there is none."""
    from benchmark.foreign import blaming
    from benchmark.registry import AXES

    if path.suffix != ".py" or not path.is_file():
        raise UserError(f"{path}: no such Python file")
    sys.path.insert(0, str(path.resolve().parent))
    with blaming(f"{path} cannot be imported"):
        module = importlib.import_module(path.stem)
    is_empty = True
    for axis, registry in AXES.items():
        for value in vars(module).values():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and issubclass(value, registry.base):
                is_empty = False
                yield axis, value
    if is_empty:
        bases = ", ".join(registry.base.__name__ for registry in AXES.values())
        raise UserError(f"{path} defines no subclass of {bases}")


def _definition_problems(cls: type) -> Iterator[str]:
    """Problems of the class definition, found without running the member."""
    if not is_dataclass(cls) or "__dataclass_params__" not in vars(cls):
        yield "decorate it with @dataclass(frozen=True): its fields are what a suite may set"
    if not (vars(cls).get("__doc__") or "").strip() or cls.__doc__.startswith(f"{cls.__name__}("):  # type: ignore[union-attr]
        yield "give it a docstring: its first line is what `list` shows"
    if inspect.isabstract(cls):
        missing = ", ".join(sorted(cls.__abstractmethods__))  # type: ignore[attr-defined]
        yield f"it lacks {missing}"
    parameters = list(getattr(cls, "__dataclass_fields__", ()))
    for name in getattr(cls, "search_space", ()):
        if name not in parameters:
            hint = did_you_mean(name, parameters)
            yield f"search_space names {name!r}, which is not a parameter{hint}"


def _run_trial(axis: str, name: str, cls: type) -> Trial:
    """Run the tiny suite with the member."""
    if axis == "metrics":
        from benchmark.scoring.examine import examine

        return Trial(*examine(cls))

    import yaml

    from benchmark.foreign import blaming
    from benchmark.session.options import Options
    from benchmark.session.run import run_suite
    from benchmark.suite.load import load
    from benchmark.suite.matrix import matrix

    suite = dict(TINY)
    if axis == "corpora":
        try:
            with blaming("its `languages` failed"):
                languages = list(cls().languages() or [])
        except UserError as error:
            return Trial([str(error)])
        if len(languages) < 2:
            message = "its `languages` must name at least two: one to train on, one to adapt to"
            return Trial([message])
        data = {"train": languages[:1], "test": languages[1:2], "shots": [4], "disjoint": []}
        suite["data"] = {"source": {"name": name}, **data}
    else:
        suite[axis] = [*TINY[axis], name]
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "try.yaml"
        path.write_text(yaml.safe_dump(suite))
        loaded = load(path)
        options = Options(results=Path(scratch), device="cpu", jobs=1)
        outcome = run_suite(loaded, matrix(loaded), options, Console(quiet=True))
        if outcome.reasons:
            return Trial([*outcome.reasons, *_where(outcome, name.partition(":")[0])])
        return _examine(axis, outcome)


def _examine(axis: str, outcome: Outcome) -> Trial:
    """Problems and facts of a completed run. The last cell is that of the member."""
    from benchmark.session.trial import learning, listens

    trial = Trial()
    graph, cells = outcome.plan.graph, outcome.plan.cells
    own = cells[-1].stages
    kinds = {"meta_train": "meta-training", "adapt": "adaptation"}
    for kind, title in kinds.items():
        if kind not in own or axis == "compressions":
            continue
        learnt = learning(outcome, graph.stages[own[kind]])
        trial.facts.append(f"{title}: {learnt}")
        if not learnt.spent:
            trial.problems.append(
                f"{title} spent 0 of {learnt.budget} utterance-gradients, so it learns nothing"
            )
        elif not learnt.lowers:
            trial.problems.append(f"{title} does not lower the loss: {learnt}")
    if axis == "models" and not listens(outcome, graph.stages[own["adapt"]]):
        trial.problems.append("its scores do not depend on the audio")
    trial.facts.append(_describe_errors(axis, outcome))
    return trial


def _describe_errors(axis: str, outcome: Outcome) -> str:
    """The error rate of the member, and that of the default member of its axis for comparison."""
    record = outcome.records[-1]
    text = f"character errors on tiny data: {record['cer']:.1%}"
    if axis == "corpora":
        return text
    column = axis.removesuffix("s")
    other = outcome.records[0]
    reference = f"{other[column]}: {other['cer']:.1%}" if len(outcome.records) > 1 else ""
    sizes = f", {record['size_bytes']:,} bytes ({other['size_bytes']:,})"
    return f"{text} ({reference})" + (sizes if axis == "compressions" else "")


def _where(outcome: Outcome, module: str) -> Iterator[str]:
    """The lines of the user's file in the stored tracebacks."""
    for path in sorted(outcome.folder.glob("stages/*/traceback.txt")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for place, code in itertools.pairwise(lines):
            if f"{module}.py" in place:
                yield f"{place.strip()}: {code.strip()}"
