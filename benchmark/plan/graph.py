"""Stages and the graph they form."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from benchmark.store.identity import VERSIONS, key
from benchmark.suite.matrix import Cell

Kind = Literal[
    "prepare",
    "pace",
    "meta_train",
    "compress_start",
    "adapt",
    "compress",
    "evaluate",
    "score",
    "time",
    "curve",
    "score_curve",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, eq=False)
class Stage:
    """One unit of work, a pure function of its identity and of the stages it needs.

    identity   what the key hashes; JSON values
    needs      keys of the stages whose output it reads
    languages  corpora that it reads
    label      what a person calls it
    work       utterances that pass through the network, to estimate its time
    """

    kind: Kind
    identity: dict[str, Any]
    label: str
    needs: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    work: int = 0
    key: str = field(init=False)

    def __post_init__(self) -> None:
        versioned = {"kind": self.kind, "version": VERSIONS[self.kind], **self.identity}
        # As it comes back from disk: a plan and a stored result are compared field by field.
        versioned = json.loads(json.dumps(versioned))
        object.__setattr__(self, "identity", versioned)
        object.__setattr__(self, "key", key(versioned))


@dataclass
class Graph:
    """Stages by key; each stands behind those that it needs."""

    stages: dict[str, Stage] = field(default_factory=dict)

    def add(self, stage: Stage) -> str:
        """Add a stage unless it is there, and return its key."""
        self.stages.setdefault(stage.key, stage)
        return stage.key

    def of_kind(self, kind: Kind) -> list[Stage]:
        return [stage for stage in self.stages.values() if stage.kind == kind]

    def lineage(self, keys: Iterable[str]) -> list[Stage]:
        """The stages of `keys` and all that they need, each behind those that it needs."""
        found: dict[str, Stage] = {}

        def visit(name: str) -> None:
            if name not in found:
                stage = self.stages[name]
                for need in stage.needs:
                    visit(need)
                found[name] = stage

        for end in keys:
            visit(end)
        return list(found.values())


@dataclass(frozen=True)
class PlannedCell:
    """A cell with the key of each stage it rests on, or why it cannot be run (`blocked`).

    Then `status` tells whether it lacks its data or makes no sense.
    """

    cell: Cell
    id: str
    settings: dict[str, Any]
    stages: dict[Kind, str]
    blocked: str | None = None
    status: Literal["blocked", "unsupported"] = "blocked"
