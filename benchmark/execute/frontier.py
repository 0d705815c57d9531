"""The stages that are ready to run, the most urgent first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable
from heapq import heappop, heappush
from pathlib import Path
from typing import NamedTuple

from benchmark.plan.estimate import Estimator
from benchmark.plan.graph import PlannedStage
from benchmark.plan.stages import MetaTrain
from benchmark.store.drafts import being_written
from benchmark.store.stages import StageRecord

Urgency = tuple[bool, float, int]
"""What stages are sorted by, the most urgent first; no two are equal."""


class Group(NamedTuple):
    """Stages of one `structure`, which are taken together; each alone where it is None.

    `lane` names the workers that can run them.
    """

    lane: str = ""
    structure: Hashable | None = None


Waiting = list[tuple[Urgency, str]]
"""A heap of stages that are ready, by key."""


class Frontier:
    """Stages that have not begun, and the consequences of each that ends."""

    def __init__(
        self,
        stages: Iterable[PlannedStage],
        estimator: Estimator,
        group_of: Callable[[PlannedStage], Group] = lambda planned: Group(),
    ) -> None:
        self._group_of = group_of
        self.left = {planned.key: planned for planned in stages}
        self._running: dict[str, PlannedStage] = {}
        self._missing: dict[str, int] = {}
        """How many of the stages that a stage needs have not ended."""

        self._dependents: dict[str, list[str]] = defaultdict(list)
        self._urgency = self._urgencies(estimator)
        self._ready: dict[Group, Waiting] = defaultdict(list)
        for planned in self.left.values():
            needs = {key for key in planned.needs if key in self.left}
            self._missing[planned.key] = len(needs)
            for key in needs:
                self._dependents[key].append(planned.key)
            if not needs:
                self._make_ready(planned.key)

    def take(self, store: Path, lane: str = "", most: int = 1) -> list[PlannedStage]:
        """Up to `most` stages of one group that are ready for a lane, none where there are none.

        Initialisations first, the longest way first, since most else depends on them; then what is
        nearest to a finished cell. Where several may be taken, groups that others may still join
        wait for all else, the fullest first. Those that another run is writing into `store` come
        last.
        """
        groups = {g: ready for g, ready in self._ready.items() if ready and g.lane == lane}
        if not groups:
            return []
        several = len(groups) > 1 or any(len(ready) > 1 for ready in groups.values())
        elsewhere = being_written(store) if several else set()

        def rank(group: Group) -> tuple[bool, bool, bool, int, Urgency]:
            ready = groups[group]
            everywhere = bool(elsewhere) and all(key in elsewhere for _, key in ready)
            number = 1 if group.structure is None else min(most, len(ready))
            fills = group.structure is not None and number < most
            return everywhere, ready[0][0][0], fills, -number, ready[0][0]

        chosen = min(groups, key=rank)
        number = 1 if chosen.structure is None else most
        for key in (keys := _pop(groups[chosen], number, elsewhere)):
            self._running[key] = self.left.pop(key)
        return [self._running[key] for key in keys]

    def end(self, record: StageRecord) -> PlannedStage:
        """Book the end of a stage; when it failed, those that need it never start."""
        planned = self._running.pop(record.key)
        if record.status != "ok":
            self._lose(planned.key)
            return planned
        for key in self._dependents[planned.key]:
            self._missing[key] -= 1
            if not self._missing[key] and key in self.left:
                self._make_ready(key)
        return planned

    def give_up(self, key: str) -> PlannedStage:
        """Book a stage that was not done; those that need it never start."""
        planned = self._running.pop(key)
        self._lose(key)
        return planned

    def put_back(self, key: str) -> None:
        """Let a stage that was taken with others be taken alone."""
        planned = self.left[key] = self._running.pop(key)
        self._make_ready(key, Group(self._group_of(planned).lane))

    def _make_ready(self, key: str, group: Group | None = None) -> None:
        group = group or self._group_of(self.left[key])
        heappush(self._ready[group], (self._urgency[key], key))

    def _lose(self, key: str) -> None:
        lost = [key]
        while lost:
            for dependent in self._dependents[lost.pop()]:
                if self.left.pop(dependent, None):
                    lost.append(dependent)

    def _urgencies(self, estimator: Estimator) -> dict[str, Urgency]:
        ahead = dict.fromkeys(self.left, 0.0)
        for planned in reversed(self.left.values()):
            ahead[planned.key] += estimator.seconds(planned)
            for key in planned.needs:
                if key in ahead:
                    ahead[key] = max(ahead[key], ahead[planned.key])
        return {
            planned.key: (False, -ahead[planned.key], place)
            if planned.kind == MetaTrain.kind
            else (True, ahead[planned.key], place)
            for place, planned in enumerate(self.left.values())
        }


def _pop(ready: Waiting, number: int, elsewhere: Collection[str]) -> list[str]:
    """Take up to `number` stages off a heap that are not being done elsewhere, or else one."""
    taken: Waiting = []
    passed: Waiting = []
    while ready and len(taken) < number:
        entry = heappop(ready)
        (passed if entry[1] in elsewhere else taken).append(entry)
    if not taken:
        taken.append(passed.pop(0))
    for entry in passed:
        heappush(ready, entry)
    return [key for _, key in taken]
