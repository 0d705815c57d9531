"""Equal seconds in place of equal utterance-gradients: what a budget comes to for each method.

A clock inside training would make results depend on the moment. So the seconds that a method takes
per utterance-gradient, relative to a reference, are measured once, before anything is planned for
good, by stages of the kind `pace`, keyed with the hardware as timings are. From then on a plan
holds utterance-gradients like any other, and training stays a pure function of them.

The reference of meta-training is `joint`, that of adaptation `joint` with `adamw`: a budget is what
the reference does with it in gradients, and for all others the seconds which that takes. The joint
training that a method starts from is the same for all and is paid in full; what remains is paced.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from benchmark.plan.graph import Graph
from benchmark.plan.learning import LearningBuilder
from benchmark.plan.members import reference, uncompressed
from benchmark.plan.stages import Adapt, MetaTrain
from benchmark.plan.stages import Pace as PaceStage
from benchmark.plan.stages.pace import Phase
from benchmark.store.stages import StageStore
from benchmark.suite.matrix import Cell
from benchmark.suite.schema import Budget

ROUNDS = 7
GRADIENTS = Budget(meta_train=512, adapt=160)
"""Utterance-gradients of one measurement; no more than the suite gives, and of adaptation enough
for three passes over the support set."""


class Unpaced(Exception):
    """A pace that could not be measured, so that no budget follows from it."""

    def __init__(self, reason: str, status: str) -> None:
        super().__init__(reason)
        self.status: Literal["blocked", "unsupported"] = (
            "unsupported" if status == "unsupported" else "blocked"
        )


class Pace(NamedTuple):
    """Seconds per utterance-gradient relative to the reference; None until it was measured."""

    ratio: float | None
    key: str = ""

    def gradients(self, of_reference: int) -> int:
        """What fits into the seconds that the reference takes for its own."""
        return max(1, round(of_reference / self.ratio)) if self.ratio else of_reference

    @property
    def provisional(self) -> str | None:
        """What keeps the identity of a stage from being taken for one that was measured."""
        return None if self.ratio else self.key


SAME = Pace(1.0)


class Paces:
    """The paces of a suite's cells; those that must be measured are added to its graph."""

    def __init__(self, builder: LearningBuilder, store: StageStore | None) -> None:
        self._graph = builder.graph
        self._given = builder.suite.budget.pace
        self._store = store
        self._budget = builder.suite.budget
        self._paces: dict[tuple[Hashable, ...], Pace] = {}
        least = Budget(
            min(GRADIENTS.meta_train, self._budget.meta_train),
            min(GRADIENTS.adapt, self._budget.adapt),
        )
        # The arms of a measurement are identities as any other, of a graph that is never run.
        suite = replace(builder.suite, budget=least, curve=())
        self._scratch = LearningBuilder(suite, builder.speech, builder.hardware, Graph())

    def meta_train(self, cell: Cell) -> Pace:
        """Of what a method does after its warm start. Raises Unpaced."""
        if self._given:
            return Pace(self._given[0])
        if not cell.method.member.meta_trains or cell.method.member.warm_start == 1:
            return SAME
        return self._pace("meta_train", replace(cell, seed=0))

    def adapt(self, cell: Cell) -> Pace:
        """Of adaptation, on the first test language. Raises Unpaced."""
        if self._given:
            return Pace(self._given[1])
        suite = self._scratch.suite
        cell = replace(cell, seed=0, language=suite.data.test[0], draw=suite.draws[0])
        return self._pace("adapt", cell)

    def ratios(self, cell: Cell) -> list[float | None]:
        """Both, for the settings of a cell. Raises Unpaced."""
        return [self.meta_train(cell).ratio, self.adapt(cell).ratio]

    def _pace(self, phase: Phase, cell: Cell) -> Pace:
        place: tuple[Hashable, ...] = (phase, cell.model, cell.method, cell.outer, cell.head)
        if phase == "adapt":
            place = (*place, cell.shots, cell.optimizer)
        if place not in self._paces:
            self._paces[place] = self._measured(phase, cell)
        return self._paces[place]

    def _measured(self, phase: Phase, cell: Cell) -> Pace:
        arm, of_reference = self._arm(phase, cell), self._arm(phase, reference(cell))
        if arm == of_reference:
            return SAME
        label = f"{phase}: {cell.method.label}, {cell.model.label}"
        languages, learning = self._scratch.suite.data.train, None
        if phase == "adapt":
            label += f", {cell.optimizer.label}"
            if cell.method.member.meta_trains:
                learning = self._arm("meta_train", cell)
            languages = (*(languages if learning else ()), cell.language)
        stage = PaceStage(
            phase=phase,
            arm=arm,
            reference=of_reference,
            learning=learning,
            rounds=ROUNDS,
            hardware=self._scratch.hardware,
        )
        prepared = [self._scratch.speech.languages[name].stage for name in languages]
        needs = tuple(planned.key for planned in prepared if planned)
        key = self._graph.add(stage, label, needs, languages)
        record = self._store.get(key) if self._store else None
        if record and record.status != "ok":
            raise Unpaced(f"pace: {record.error}", record.status)
        return Pace(float(record.facts["ratio"]) if record else None, key)

    def _arm(self, phase: Phase, cell: Cell) -> dict[str, Any]:
        """What a measurement runs: the identity of a stage without what leaves its time alone."""
        graph = self._scratch.graph
        if phase == "meta_train":
            training = graph.stage(self._scratch.initialisation(cell), MetaTrain)
            return replace(training, start=None).to_json()
        adaptation = graph.stage(self._scratch.adapt(cell, uncompressed()), Adapt)
        passes = 3 * len(adaptation.support)
        gradients = min(self._budget.adapt, max(GRADIENTS.adapt, passes))
        alone = replace(adaptation, start=None, start_units=None, gradients=gradients)
        return alone.to_json()
