"""From a cell to the stages that learn: initialisations and adapted networks."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from benchmark.compression.chain.chain import Chain
from benchmark.data.text import NORMALISER
from benchmark.methods.base import Method
from benchmark.plan.graph import Graph
from benchmark.plan.heads import HEADS
from benchmark.plan.members import warm_start
from benchmark.plan.shared import Shared, head_of_training
from benchmark.plan.speech import Speech
from benchmark.plan.stages import Adapt, CompressStart, MetaTrain
from benchmark.suite.matrix import Cell
from benchmark.suite.schema import Choice, Suite

if TYPE_CHECKING:
    from benchmark.plan.pace import Paces


class LearningBuilder:
    """Adds the stages of cells to a graph; a stage that cells share is built once.

    Every public method returns the key of its stage.
    """

    def __init__(
        self, suite: Suite, speech: Speech, hardware: dict[str, Any], graph: Graph
    ) -> None:
        self.paces: Paces | None = None
        self.suite = suite
        self.speech = speech
        self.hardware = hardware
        self.graph = graph
        self.shared = Shared(suite, speech, hardware)
        self._built: dict[Hashable, str] = {}
        # Uncompressed references of cells that are compressed earlier have no curve.
        timely = any(choice.member.when == "after" for choice in suite.compressions)
        self._snapshots = suite.curve if timely and suite.curve else None

    def meta_train(self, cell: Cell) -> str:
        """The initialisation that a method learns, behind its warm start if it has one."""
        place = ("meta_train", cell.model, cell.method, cell.outer, cell.head, cell.seed)
        return self._once(place, lambda: self._meta_train(cell))

    def initialisation(self, cell: Cell) -> str:
        """What the whole budget of meta-training would give a method without a warm start."""
        return self._initialisation(cell, cell.method, self.suite.budget.meta_train)

    def compress_start(self, cell: Cell, compression: Choice[Chain]) -> str:
        """The initialisation of the cell, compressed before it adapts."""
        start = self.meta_train(cell)
        place = ("compress_start", start, compression)
        return self._once(place, lambda: self._compress_start(cell, compression, start))

    def adapt(self, cell: Cell, compression: Choice[Chain]) -> str:
        """A network adapted to the language of the cell from its support set.

        How it is compressed matters where that is to happen before or during adaptation.
        """
        place = (
            "adapt",
            *(cell.model, cell.method, cell.outer, cell.optimizer, cell.head, cell.seed),
            *(cell.language, cell.shots, cell.draw),
            None if compression.member.when == "after" else compression,
        )
        return self._once(place, lambda: self._adapt(cell, compression))

    def _once(self, place: Hashable, build: Callable[[], str]) -> str:
        """The key of a stage that depends on what `place` holds, and is built where it is new."""
        if place not in self._built:
            self._built[place] = build()
        return self._built[place]

    def _meta_train(self, cell: Cell) -> str:
        total = self.suite.budget.meta_train
        warm = round(total * cell.method.member.warm_start)
        start = self._initialisation(cell, warm_start(), warm) if warm else None
        own, provisional = total - warm, None
        if own and self.paces:
            pace = self.paces.meta_train(cell)
            own, provisional = pace.gradients(own), pace.provisional
        return self._initialisation(cell, cell.method, own, start, provisional)

    def _initialisation(
        self,
        cell: Cell,
        method: Choice[Method],
        gradients: int,
        start: str | None = None,
        provisional: str | None = None,
    ) -> str:
        train = self.suite.data.train
        return self.graph.add(
            MetaTrain(
                model=cell.model.identity,
                method=self.shared.meta_learner(method),
                outer=cell.outer.identity,
                gradients=gradients,
                start=start,
                seed=cell.seed,
                corpora=self.shared.corpora,
                vocabulary=self.shared.training_vocabulary(cell),
                head=head_of_training(cell, method),
                pace=provisional,
                **self.shared.learning,
            ),
            label=f"{method.label}, {cell.model.label}, seed {cell.seed}",
            needs=(*map(self._prepared, train), *([start] if start else [])),
            languages=train,
            work=gradients,
        )

    def _compress_start(self, cell: Cell, compression: Choice[Chain], start: str) -> str:
        trained = self.graph.stage(start, MetaTrain)
        return self.graph.add(
            CompressStart(
                start=start,
                model=cell.model.identity,
                compression=compression.identity,
                features=trained.features,
                vocabulary=trained.vocabulary,
                normaliser=NORMALISER,
            ),
            label=f"{compression.label}: {self.graph.stages[start].label}",
            needs=(start,),
        )

    def _adapt(self, cell: Cell, compression: Choice[Chain]) -> str:
        when = compression.member.when
        start = self.meta_train(cell) if cell.method.member.meta_trains else None
        if when == "before":
            start = self.compress_start(cell, compression)
        support = self.shared.support(cell)
        gradients, provisional = self.suite.budget.adapt, None
        if self.paces:
            pace = self.paces.adapt(cell)
            gradients, provisional = pace.gradients(gradients), pace.provisional
        return self.graph.add(
            Adapt(
                model=cell.model.identity,
                method=cell.method.identity,
                optimizer=cell.optimizer.identity,
                gradients=gradients,
                start=start,
                start_units=len(self.shared.training_vocabulary(cell)) if start else None,
                seed=cell.seed,
                language=cell.language,
                corpus=self.speech.languages[cell.language].digest,
                support=support or f"{cell.shots} shots, draw {cell.draw}",
                vocabulary=self.shared.adapted_vocabulary(cell),
                head=HEADS[cell.head],
                compression=None if when == "after" else compression.identity,
                pace=provisional,
                snapshots=self._snapshots if when == "after" else None,
                **self.shared.learning,
            ),
            label=(
                f"{cell.method.label}, {cell.optimizer.label}, {cell.language},"
                f" {cell.shots} shots, seed {cell.seed}, draw {cell.draw}, head {cell.head}"
                + (f", {compression.label}" if when != "after" else "")
            ),
            needs=(self._prepared(cell.language), *([start] if start else [])),
            languages=(cell.language,),
            work=gradients,
        )

    def _prepared(self, language: str) -> str:
        planned = self.speech.languages[language].stage
        assert planned is not None, "cells of a language that cannot be prepared are blocked"
        return planned.key
