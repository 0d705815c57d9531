"""One search: the combination whose settings are tuned, its space, and the cells of a trial."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

from benchmark.plan.heads import impossible
from benchmark.plan.members import native, uncompressed
from benchmark.store.identity import key, seed
from benchmark.suite.matrix import Cell, Matrix
from benchmark.suite.schema import Choice, Suite, Tune, TunedAxis
from benchmark.suite.tuning import STUDY_AXES, with_settings

Settings = Mapping[str, Any]
"""Axis and parameter, such as `optimizer.lr`, to the value tried."""


@dataclass(frozen=True)
class Study:
    """The search for the settings of one combination.

    `cell` is any of its tuned cells, as the matrix has it before tuning.
    """

    suite: Suite
    cell: Cell

    @property
    def tune(self) -> Tune:
        assert self.suite.tune is not None, "a study is of a suite that tunes"
        return self.suite.tune

    @cached_property
    def labels(self) -> dict[str, str]:
        """The axes that name it, with the labels of the entries that are tuned."""
        return {axis: self.cell.untuned[axis] for axis in STUDY_AXES}

    @cached_property
    def space(self) -> dict[str, tuple[Any, ...]]:
        """Setting -> the values to choose among."""
        return {
            f"{axis}.{parameter}": values
            for axis, entries in self.tune.space.items()
            for parameter, values in entries[self.labels[axis]].items()
        }

    @property
    def default(self) -> dict[str, Any]:
        """The settings of the combination as the suite has it."""
        return {name: getattr(self._entry(name).member, name.split(".")[1]) for name in self.space}

    @property
    def num_settings(self) -> int:
        """How many different settings there are."""
        return math.prod(map(len, self.space.values()))

    @property
    def num_trials(self) -> int:
        """How many settings are tried: the whole space at most."""
        return min(self.tune.trials, self.num_settings)

    @property
    def num_instances(self) -> int:
        """On how many supports a trial is judged."""
        return len(self.suite.data.validation) * self.tune.draws

    @property
    def seed(self) -> int:
        """Of the sampler, 32 bits; trials may be added without changing those before."""
        combination = {
            axis: getattr(self.cell, axis).identity
            for axis in ("model", "method", "outer", "optimizer")
        }
        space = {name: list(values) for name, values in self.space.items()}
        named = {**combination, **self.labels, "space": space}
        return seed(key({"kind": "study", **named})) % 2**32

    def instances(self, settings: Settings) -> list[Cell]:
        """The cells that a trial is judged on, every language once before any a second time."""
        tuned = self.settle(self.cell, settings)
        return [
            replace(
                tuned,
                compression=uncompressed(),
                runtime=native(),
                language=language,
                seed=self.suite.seeds[0],
                draw=draw,
            )
            for draw in range(self.tune.draws)
            for language in self.suite.data.validation
        ]

    def settle(self, cell: Cell, settings: Settings) -> Cell:
        """A tuned cell of this combination with `settings`."""
        return replace(cell, **cast(dict[str, Any], self.choices(settings)))

    def choices(self, settings: Settings) -> dict[TunedAxis, Choice[Any]]:
        """The entries of the tuned axes with `settings`; all cells of the study share them."""
        axes: dict[TunedAxis, Choice[Any]] = {}
        for axis in self.tune.space:
            own = {
                name.partition(".")[2]: value
                for name, value in settings.items()
                if name.partition(".")[0] == axis
            }
            axes[axis] = with_settings(getattr(self.cell, axis), axis, own)
        return axes

    def _entry(self, name: str) -> Choice[Any]:
        entry: Choice[Any] = getattr(self.cell, name.split(".")[0])
        return entry


def study_key(cell: Cell) -> tuple[str, ...]:
    """What tells the studies of a matrix apart."""
    labels = cell.untuned
    return tuple(labels[axis] for axis in STUDY_AXES)


def studies(suite: Suite, matrix: Matrix) -> list[Study]:
    """The studies that the tuned cells of a matrix need, in its order.

    A combination that makes no sense, or whose model cannot be had here, has none.
    """
    first: dict[tuple[str, ...], Cell] = {}
    for cell in matrix.cells:
        model = cell.model
        able = not (model.blocked or model.member.missing() or impossible(cell))
        if cell.awaits_tuning and able:
            first.setdefault(study_key(cell), cell)
    return [Study(suite, cell) for cell in first.values()]
