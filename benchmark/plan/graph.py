"""The stages of a plan and the graph they form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from benchmark.plan.stages import Stage
from benchmark.store.identity import Keys, key
from benchmark.suite.matrix import Cell

S = TypeVar("S", bound=Stage)


@dataclass(frozen=True, eq=False, slots=True)
class PlannedStage:
    """A stage with its place in a plan.

    needs      keys of the stages whose output it reads
    languages  corpora that it reads
    label      what a person calls it
    work       utterances that pass through the network, to estimate its time
    """

    stage: Stage
    key: str
    label: str
    needs: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    work: int = 0

    @classmethod
    def of(cls, stage: Stage, **place: Any) -> PlannedStage:
        """A stage outside of any graph; `place` is the other fields."""
        return cls(stage, key(stage.named), **place)

    @property
    def kind(self) -> str:
        return self.stage.kind

    @property
    def identity(self) -> dict[str, Any]:
        """What its key hashes, as it comes back from disk."""
        return self.stage.to_json()


@dataclass
class Graph:
    """Stages by key; each stands behind those that it needs."""

    stages: dict[str, PlannedStage] = field(default_factory=dict)
    _keys: Keys = field(default_factory=Keys, repr=False)

    def add(
        self,
        stage: Stage,
        label: str,
        needs: tuple[str, ...] = (),
        languages: tuple[str, ...] = (),
        work: int = 0,
    ) -> str:
        """Add a stage unless it is there, and return its key."""
        name = self._keys.key(stage.named)
        if name not in self.stages:
            self.stages[name] = PlannedStage(stage, name, label, needs, languages, work)
        return name

    def keep(self, planned: PlannedStage) -> None:
        """Add a stage that was planned elsewhere unless it is there."""
        self.stages.setdefault(planned.key, planned)

    def stage(self, key: str, kind: type[S]) -> S:
        """The stage of a key, which is of this kind."""
        stage = self.stages[key].stage
        assert isinstance(stage, kind)
        return stage

    def of_kind(self, kind: str) -> list[PlannedStage]:
        return [planned for planned in self.stages.values() if planned.kind == kind]

    def lineage(self, keys: Iterable[str]) -> list[PlannedStage]:
        """The stages of `keys` and all that they need, each behind those that it needs."""
        lineage: dict[str, PlannedStage] = {}

        def visit(name: str) -> None:
            if name not in lineage:
                planned = self.stages[name]
                for need in planned.needs:
                    visit(need)
                lineage[name] = planned

        for end in keys:
            visit(end)
        return list(lineage.values())


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """A cell with the key of each stage it rests on, or why it cannot be run (`blocked`).

    Then `status` tells whether it lacks its data or makes no sense.
    """

    cell: Cell
    id: str
    settings: dict[str, Any]
    stages: dict[str, str]
    blocked: str | None = None
    status: Literal["blocked", "unsupported"] = "blocked"
