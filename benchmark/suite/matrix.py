"""The matrix of cells of a suite."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmark.compression.chain.chain import Chain
from benchmark.data.episodes import Shots
from benchmark.errors import UserError, did_you_mean, shown
from benchmark.methods.base import Method
from benchmark.models.base import Model
from benchmark.optimizers.base import Optimizer
from benchmark.runtimes.base import Runtime
from benchmark.suite.schema import Choice, Exclusion, HeadLabel, Suite
from benchmark.suite.tuning import entries


@dataclass(frozen=True)
class Cell:
    """One point of the matrix, the unit that gets a result."""

    model: Choice[Model]
    method: Choice[Method]
    outer: Choice[Optimizer]
    optimizer: Choice[Optimizer]
    compression: Choice[Chain]
    language: str
    shots: Shots
    seed: int
    draw: int
    head: HeadLabel
    runtime: Choice[Runtime]

    @property
    def labels(self) -> dict[str, str]:
        """Axis -> value, as in results, `--only` and `exclude`."""
        return {
            "model": self.model.label,
            "method": self.method.label,
            "outer": self.outer.label,
            "optimizer": self.optimizer.label,
            "compression": self.compression.label,
            "language": self.language,
            "shots": str(self.shots),
            "seed": str(self.seed),
            "draw": str(self.draw),
            "head": self.head,
            "runtime": self.runtime.label,
        }

    @property
    def tuned(self) -> bool:
        """Whether it uses settings selected by tuning."""
        return bool(self.method.tuned_from or self.optimizer.tuned_from)

    @property
    def awaits_tuning(self) -> bool:
        """Whether these settings are not known yet."""
        return self.method.awaits_tuning or self.optimizer.awaits_tuning

    @property
    def untuned(self) -> dict[str, str]:
        """The labels of the cell of which this is the tuned version."""
        labels = self.labels
        for axis, choice in (("method", self.method), ("optimizer", self.optimizer)):
            labels[axis] = choice.tuned_from or choice.label
        return labels


@dataclass(frozen=True)
class Matrix:
    """The cells of a suite, and the number of cells that each exclusion removes."""

    cells: tuple[Cell, ...]
    excluded: tuple[tuple[Exclusion, int], ...]

    @property
    def awaits_tuning(self) -> bool:
        """Whether any of its cells awaits tuning."""
        return any(cell.awaits_tuning for cell in self.cells)


def axis_labels(suite: Suite) -> dict[str, list[str]]:
    """The values of each axis that a suite names."""
    return {
        "model": [choice.label for choice in suite.models],
        "method": [choice.label for choice in entries(suite, "method")],
        "outer": [choice.label for choice in suite.outer],
        "optimizer": [choice.label for choice in entries(suite, "optimizer")],
        "compression": [choice.label for choice in suite.compressions],
        "language": list(suite.data.test),
        "shots": [str(shots) for shots in suite.data.shots],
        "seed": [str(seed) for seed in suite.seeds],
        "draw": [str(draw) for draw in suite.draws],
        "head": list(suite.heads),
        "runtime": [choice.label for choice in suite.runtimes],
    }


def matrix(suite: Suite, only: Mapping[str, Iterable[str]] | None = None) -> Matrix:
    """All cells of a suite, without the excluded ones and, given `only`, those it selects.

    If the suite tunes, every cell also has a tuned version; an exclusion applies to both.

    Raises UserError if no cell is left.
    """
    wanted = _selection(suite, only or {})
    cells = []
    removed: Counter[int] = Counter()
    if not suite.exclude and not wanted:
        return Matrix(tuple(_product(suite)), ())
    for cell in _product(suite):
        labels, untuned = cell.labels, cell.untuned
        excluding = [
            i
            for i, e in enumerate(suite.exclude)
            if _matches(labels, e.where) or _matches(untuned, e.where)
        ]
        if excluding:
            removed[excluding[0]] += 1
        elif _matches(labels, wanted):
            cells.append(cell)
    if not cells:
        raise UserError(f"{suite.path}: no cell is left after exclude and --only")
    return Matrix(tuple(cells), tuple((e, removed[i]) for i, e in enumerate(suite.exclude)))


def selections(texts: Iterable[str], option: str = "--only") -> dict[str, list[str]]:
    """`AXIS=VALUE[,VALUE]` options as a mapping. Raises UserError if one is malformed."""
    wanted: dict[str, list[str]] = {}
    for text in texts:
        axis, equals, values = text.partition("=")
        if not equals:
            given = f"{option} {shown(text)[1:-1]}"
            raise UserError(f"{given}: expected AXIS=VALUE, such as method=maml")
        wanted.setdefault(axis, []).extend(_listed(values))
    return wanted


def _listed(values: str) -> Iterator[str]:
    """Parts between commas, except commas inside a label such as maml(inner_steps=5,tasks=2)."""
    part, depth = "", 0
    for piece in re.split("([,()])", values):
        if piece == "," and depth == 0:
            yield part
            part = ""
            continue
        depth += (piece == "(") - (piece == ")" and depth > 0)
        part += piece
    yield part


def _selection(suite: Suite, only: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    labels = axis_labels(suite)
    for axis, values in only.items():
        if axis not in labels:
            raise UserError(f"--only: unknown axis {shown(axis)}{did_you_mean(axis, list(labels))}")
        for value in values:
            if value not in labels[axis]:
                raise UserError(
                    f"--only: no {axis} {shown(value)} in this suite"
                    f"{did_you_mean(value, labels[axis])}"
                )
    return {axis: tuple(values) for axis, values in only.items()}


def _matches(labels: Mapping[str, str], where: Mapping[str, tuple[str, ...]]) -> bool:
    return all(labels[axis] in values for axis, values in where.items())


def _product(suite: Suite) -> Iterable[Cell]:
    axes: tuple[Iterable[Any], ...] = (
        suite.models,
        entries(suite, "method"),
        suite.outer,
        entries(suite, "optimizer"),
        suite.compressions,
        suite.data.test,
        suite.data.shots,
        suite.seeds,
        suite.draws,
        suite.heads,
        suite.runtimes,
    )
    cells = (Cell(*values) for values in itertools.product(*axes))
    tuned = suite.tune.space if suite.tune else {}
    # Tuned axes are tuned jointly.
    return (
        cell
        for cell in cells
        if len({getattr(cell, axis).tuned_from is None for axis in tuned}) <= 1
    )
