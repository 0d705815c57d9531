"""Every setting of a cell, as JSON values; they name the cell on every machine."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import asdict
from typing import Any

from benchmark.data.text import NORMALISER
from benchmark.plan.members import runtime_identity
from benchmark.store.identity import NOT_IDENTITY, Keys
from benchmark.suite.matrix import Cell
from benchmark.suite.schema import Suite

CELL_ID_LENGTH = 12


class CellSettings:
    """The settings of the cells of one suite; cells share the parts that they have in common."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self._keys = Keys()
        self._parts: dict[Hashable, dict[str, Any]] = {}
        self._common = {
            "budget": suite.budget.settings,
            "features": asdict(suite.features),
            "augmentation": asdict(suite.augmentation),
            "precision": suite.precision,
            "normaliser": NORMALISER,
        }
        self._asked = {"curve": list(suite.curve)} if suite.curve else {}

    def of(self, cell: Cell) -> dict[str, Any]:
        """All settings of a cell; what is in them must not be changed."""
        return {
            **cell.labels,
            **self._asked,
            "draw": cell.draw,
            "settings": self._members(cell),
            "data": self._data(cell.language),
            **self._common,
            **({"tuned": self._tuned(cell)} if cell.tuned else {}),
        }

    def id(self, settings: dict[str, Any]) -> str:
        """The name of the cell that has these settings."""
        return self._keys.key(settings)[:CELL_ID_LENGTH]

    def _members(self, cell: Cell) -> dict[str, Any]:
        place = (
            cell.model,
            cell.method,
            cell.outer,
            cell.optimizer,
            cell.compression,
            cell.runtime,
        )
        if place not in self._parts:
            runtime = runtime_identity(cell)
            self._parts[place] = {
                "model": cell.model.identity,
                "method": cell.method.identity,
                "outer": cell.outer.identity,
                "optimizer": cell.optimizer.identity,
                "compression": cell.compression.identity,
                **({"runtime": runtime} if runtime else {}),
            }
        return self._parts[place]

    def _data(self, language: str) -> dict[str, Any]:
        if language not in self._parts:
            data = self.suite.data
            source = data.source.identity
            self._parts[language] = {
                **source,
                "settings": {k: v for k, v in source["settings"].items() if k not in NOT_IDENTITY},
                "train": list(data.train),
                "limits": asdict(data.limits),
                "disjoint": sorted(data.must_differ(language)),
            }
        return self._parts[language]

    def _tuned(self, cell: Cell) -> dict[str, Any]:
        """How the settings of a tuned cell were found, and of which entries it is the tuned
        version."""
        tune = self.suite.tune
        assert tune is not None, "cells are tuned where the suite tunes"
        place = ("tuned", cell.method.tuned_from, cell.optimizer.tuned_from)
        if place not in self._parts:
            axes = {"method": place[1], "optimizer": place[2]}
            self._parts[place] = {
                "from": {axis: label for axis, label in axes.items() if label},
                "trials": tune.trials,
                "draws": tune.draws,
                "validation": list(self.suite.data.validation),
            }
        return self._parts[place]
