"""Which stages of a plan are there, which must run, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from benchmark.plan.graph import Kind, Stage
from benchmark.plan.planner import Candidate, Plan
from benchmark.plan.speech import prepared_store
from benchmark.store.identity import differences
from benchmark.store.integrity import Damaged
from benchmark.store.stages import StageRecord, StageStore

State = Literal["cached", "missing", "failed", "blocked"]

ENDS: tuple[Kind, ...] = ("score", "time", "score_curve")
"""The kinds of stages that records are made of."""

LOST: tuple[State, ...] = ("failed", "blocked")

PARENTS = ("start", "adapted", "artefact", "hypotheses")
"""Identity fields that hold the key of a stage before; a difference there began there."""


@dataclass
class Statuses:
    """The state of each stage, the records of those that finished or failed, and what is wrong
    with those that are there and count as missing."""

    states: dict[str, State] = field(default_factory=dict)
    records: dict[str, StageRecord] = field(default_factory=dict)
    damaged: dict[str, Damaged] = field(default_factory=dict)

    def count(self, stages: list[Stage], state: State) -> int:
        return sum(self.states[stage.key] == state for stage in stages)


def examine(plan: Plan, store: StageStore) -> Statuses:
    """Look up every stage of a plan.

    A stage is blocked when one that it needs has failed; timing is, when every artefact of its
    structure has.
    """
    found = Statuses()
    corpora = prepared_store()
    for stage in plan.graph.stages.values():
        of_kind = corpora if stage.kind == "prepare" else store
        record = of_kind.get(stage.key)
        if record is None and (damage := of_kind.damage(stage.key)):
            damage.what = stage.kind
            found.damaged[stage.key] = damage
        if record:
            found.records[stage.key] = record
            found.states[stage.key] = "cached" if record.status == "ok" else "failed"
        elif any(found.states[key] in LOST for key in stage.needs):
            found.states[stage.key] = "blocked"
        else:
            found.states[stage.key] = "missing"
    for key in plan.candidates:
        if found.states[key] == "missing" and representative(plan, found, key) is None:
            found.states[key] = "blocked"
    return found


def representative(plan: Plan, found: Statuses, time: str) -> Candidate | None:
    """The artefact to time for a structure: one that is there, else the first that can be made."""
    possible = [
        candidate
        for candidate in plan.candidates[time]
        if not any(found.states[key] in LOST for key in candidate)
    ]
    there = (c for c in possible if all(found.states[key] == "cached" for key in c))
    return next(there, possible[0] if possible else None)


def to_run(plan: Plan, found: Statuses, again: Collection[str] = ()) -> list[Stage]:
    """The stages that must run, in order: missing ones that a cell's numbers wait for.

    A missing stage whose result nobody needs any more, since what came of it is there, is not
    among them, unless it is damaged, or was and is in `again`: nobody chose to do without it.
    """
    ends = {stage.key for stage in plan.graph.stages.values() if stage.kind in ENDS}
    wanted = ends | found.damaged.keys() | set(again)
    chosen = []
    for stage in reversed(plan.graph.stages.values()):
        if stage.key in wanted and found.states[stage.key] == "missing":
            chosen.append(stage)
            wanted.update(stage.needs)
            if stage.kind == "time":
                wanted.update(representative(plan, found, stage.key) or ())
    return chosen[::-1]


def explain(stages: list[Stage], store: StageStore) -> dict[Kind, list[str]]:
    """Per kind, how stages that must run differ from the nearest finished one.

    Differences that follow from a stage before are left out.
    """
    stored: dict[str, list[StageRecord]] = defaultdict(list)
    for record in store.records():
        stored[record.kind].append(record)
    reasons: dict[Kind, list[str]] = defaultdict(list)
    for stage in stages:
        nearest = min(
            (_own_differences(stage, record) for record in stored[stage.kind]),
            key=len,
            default=None,
        )
        for reason in nearest or ():
            if reason not in reasons[stage.kind]:
                reasons[stage.kind].append(reason)
    return dict(reasons)


def _own_differences(stage: Stage, record: StageRecord) -> list[str]:
    return [
        difference
        for difference in differences(stage.identity, record.identity)
        if difference.partition(":")[0] not in PARENTS
    ]
