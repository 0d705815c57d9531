"""From a cell to its stages: what learns, see `learning`, and what is made of it."""

from __future__ import annotations

from functools import cached_property

from benchmark.compression.chain.chain import Chain
from benchmark.data.languages import metric
from benchmark.data.text import NORMALISER
from benchmark.plan.learning import LearningBuilder
from benchmark.plan.members import runtime_identity
from benchmark.plan.stages import Adapt, Compress, Curve, Evaluate, Score, ScoreCurve, Time
from benchmark.plan.stages.base import Member
from benchmark.plan.stages.score import Interval
from benchmark.runtimes.base import NATIVE
from benchmark.scoring.metrics.base import added_metrics
from benchmark.suite.matrix import Cell
from benchmark.suite.schema import Choice

INTERVAL = Interval()


class Builder(LearningBuilder):
    """Adds what follows adaptation, too."""

    @cached_property
    def _added_metrics(self) -> tuple[Member, ...] | None:
        """The same for all stages, see `Score`."""
        return added_metrics() or None

    def compress(self, cell: Cell, compression: Choice[Chain], adapt: str) -> str:
        """The file that would be shipped."""
        runtime = runtime_identity(cell) if cell.runtime.member.own_file else None
        place = ("compress", adapt, compression, cell.runtime if runtime else None)
        return self._once(place, lambda: self._compress(cell, compression, adapt))

    def evaluate(self, cell: Cell, compress: str) -> str:
        """Raw hypotheses of that file for the test set."""
        language = self.speech.languages[cell.language]
        return self.graph.add(
            Evaluate(
                artefact=compress,
                language=cell.language,
                corpus=language.digest,
                runtime=runtime_identity(cell),
            ),
            label=self.graph.stages[compress].label,
            needs=(compress, self._prepared(cell.language)),
            languages=(cell.language,),
            work=self.shared.test_size(cell.language),
        )

    def score(self, cell: Cell, evaluate: str) -> str:
        """Error rates of those hypotheses, with their intervals."""
        return self.graph.add(
            Score(
                hypotheses=evaluate,
                language=cell.language,
                metric=metric(cell.language),
                normaliser=NORMALISER,
                interval=INTERVAL,
                metrics=self._added_metrics,
            ),
            label=self.graph.stages[evaluate].label,
            needs=(evaluate,),
        )

    def curve(self, cell: Cell, adapt: str) -> str:
        """Raw hypotheses for the test set of the snapshots that adaptation kept."""
        return self._once(("curve", adapt), lambda: self._curve(cell, adapt))

    def score_curve(self, cell: Cell, curve: str) -> str:
        """Error rates of those hypotheses by step, and the area under them."""
        return self.graph.add(
            ScoreCurve(
                hypotheses=curve,
                language=cell.language,
                metric=metric(cell.language),
                normaliser=NORMALISER,
            ),
            label=self.graph.stages[curve].label,
            needs=(curve,),
        )

    def time(self, cell: Cell, compress: str) -> str:
        """Latency of an artefact of this structure; which artefact stands for it is no matter.

        It needs no stage for sure: see `Plan.candidates`.
        """
        artefact = self.graph.stage(compress, Compress)
        prepared = self.speech.languages[cell.language].prepared is not None
        units = len(artefact.vocabulary) if prepared else f"those of {cell.language}"
        place = ("time", cell.model, units, cell.compression, cell.runtime)
        return self._once(place, lambda: self._time(cell, artefact, units))

    def _compress(self, cell: Cell, compression: Choice[Chain], adapt: str) -> str:
        adapted = self.graph.stage(adapt, Adapt)
        before = adapted.start if compression.member.when == "before" else None
        listens = compression.member.needs_speech
        return self.graph.add(
            Compress(
                adapted=adapt,
                model=cell.model.identity,
                compression=compression.identity,
                features=adapted.features,
                vocabulary=adapted.vocabulary,
                language=cell.language,
                normaliser=NORMALISER,
                start=before,
                runtime=runtime_identity(cell) if cell.runtime.member.own_file else None,
                speech=self.shared.support_of(adapt, adapted) if listens else None,
            ),
            label=f"{compression.label}: {self.graph.stages[adapt].label}",
            needs=(
                adapt,
                *([before] if before else []),
                *([self._prepared(cell.language)] if listens else []),
            ),
            languages=(cell.language,) if listens else (),
        )

    def _curve(self, cell: Cell, adapt: str) -> str:
        adapted = self.graph.stage(adapt, Adapt)
        return self.graph.add(
            Curve(
                adapted=adapt,
                model=cell.model.identity,
                features=adapted.features,
                vocabulary=adapted.vocabulary,
                language=cell.language,
                corpus=self.speech.languages[cell.language].digest,
                normaliser=NORMALISER,
            ),
            label=self.graph.stages[adapt].label,
            needs=(adapt, self._prepared(cell.language)),
            languages=(cell.language,),
            work=self.shared.test_size(cell.language) * (len(self.suite.curve) + 1),
        )

    def _time(self, cell: Cell, artefact: Compress, units: int | str) -> str:
        return self.graph.add(
            Time(
                model=cell.model.identity,
                units=units,
                features=artefact.features,
                compression=artefact.compression,
                runtime=runtime_identity(cell) or NATIVE,
                protocol=self.suite.timing,
                hardware=self.shared.hardware(cell.runtime),
            ),
            label=f"{cell.model.label}, {cell.compression.label}, {cell.language}",
        )
