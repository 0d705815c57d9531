"""Which stages of a plan are there, which must run, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from benchmark.plan.graph import PlannedStage
from benchmark.plan.planner import Candidate, Plan
from benchmark.plan.speech import prepared_store
from benchmark.store.integrity import Damaged
from benchmark.store.stages import StageRecord, StageStore
from benchmark.system.garbage import no_garbage

State = Literal["cached", "missing", "failed", "blocked"]

ENDS: tuple[str, ...] = ("score", "time", "score_curve")
"""The kinds of stages that records are made of."""

LOST: tuple[State, ...] = ("failed", "blocked")


@dataclass
class Statuses:
    """The state of each stage of a plan.

    records          of the stages that finished or failed
    damaged          what is wrong with stages that are there and count as missing
    representatives  answers of `representative`
    """

    states: dict[str, State] = field(default_factory=dict)
    records: dict[str, StageRecord] = field(default_factory=dict)
    damaged: dict[str, Damaged] = field(default_factory=dict)
    representatives: dict[str, Candidate | None] = field(default_factory=dict)


def examine(plan: Plan, store: StageStore) -> Statuses:
    """Look up every stage of a plan.

    A stage is blocked when one that it needs has failed; timing is, when every artefact of its
    structure has.
    """
    found = Statuses()
    with no_garbage():
        _look_up(plan.graph.stages.values(), store, found)
    for key in plan.candidates:
        if found.states[key] == "missing" and representative(plan, found, key) is None:
            found.states[key] = "blocked"
    return found


def _look_up(stages: Iterable[PlannedStage], store: StageStore, found: Statuses) -> None:
    """Enter what is there of stages, each of which stands behind those that it needs."""
    corpora = prepared_store()
    here, prepared = store.keys(), corpora.keys()
    lost: set[str] = set()
    for planned in stages:
        key, of_speech = planned.key, planned.kind == "prepare"
        look = None
        if key in (prepared if of_speech else here):
            look = (corpora if of_speech else store).look(key)
        if isinstance(look, StageRecord):
            found.records[key] = look
            found.states[key] = "cached" if look.status == "ok" else "failed"
            if look.status != "ok":
                lost.add(key)
            continue
        if look:
            look.what = planned.kind
            found.damaged[key] = look
        if lost.isdisjoint(planned.needs):
            found.states[key] = "missing"
        else:
            found.states[key] = "blocked"
            lost.add(key)


def representative(plan: Plan, found: Statuses, time: str) -> Candidate | None:
    """The artefact to time for a structure: one that is there, else the first that can be made."""
    if time not in found.representatives:
        found.representatives[time] = _representative(plan.candidates[time], found.states)
    return found.representatives[time]


def _representative(
    candidates: Iterable[Candidate], states: Mapping[str, State]
) -> Candidate | None:
    possible = None
    for candidate in candidates:
        own = [states[key] for key in candidate]
        if all(state == "cached" for state in own):
            return candidate
        if possible is None and not any(state in LOST for state in own):
            possible = candidate
    return possible


def to_run(plan: Plan, found: Statuses, again: Collection[str] = ()) -> list[PlannedStage]:
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
