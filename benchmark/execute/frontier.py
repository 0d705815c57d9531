"""The stages that are ready to run, the most urgent first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from heapq import heappop, heappush
from pathlib import Path

from benchmark.plan.estimate import Estimator
from benchmark.plan.graph import PlannedStage
from benchmark.plan.stages import MetaTrain
from benchmark.store.drafts import being_written
from benchmark.store.stages import StageRecord

Urgency = tuple[bool, float, int]
"""What stages are sorted by, the most urgent first; no two are equal."""


class Frontier:
    """Stages that have not begun, and the consequences of each that ends."""

    def __init__(self, stages: Iterable[PlannedStage], estimator: Estimator) -> None:
        self.left = {planned.key: planned for planned in stages}
        self._running: dict[str, PlannedStage] = {}
        self._missing: dict[str, int] = {}
        """How many of the stages that a stage needs have not ended."""

        self._dependents: dict[str, list[str]] = defaultdict(list)
        self._urgency = self._urgencies(estimator)
        self._ready: list[tuple[Urgency, str]] = []
        for planned in self.left.values():
            needs = {key for key in planned.needs if key in self.left}
            self._missing[planned.key] = len(needs)
            for key in needs:
                self._dependents[key].append(planned.key)
            if not needs:
                self._make_ready(planned.key)

    def take(self, store: Path) -> PlannedStage | None:
        """A stage that is ready, if any: initialisations first, the longest way first, since most
        else depends on them; then what is nearest to a finished cell. Those that another run is
        writing into `store` come last.
        """
        if not self._ready:
            return None
        passed = []
        if len(self._ready) > 1:
            elsewhere = being_written(store)
            while self._ready and self._ready[0][1] in elsewhere:
                passed.append(heappop(self._ready))
        key = heappop(self._ready)[1] if self._ready else passed.pop(0)[1]
        for entry in passed:
            heappush(self._ready, entry)
        self._running[key] = self.left.pop(key)
        return self._running[key]

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

    def _make_ready(self, key: str) -> None:
        heappush(self._ready, (self._urgency[key], key))

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
