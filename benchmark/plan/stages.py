"""The identity of each kind of stage: all that its result depends on, and nothing else."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from benchmark.compression.chain.chain import Chain
from benchmark.data.languages import metric
from benchmark.data.text import NORMALISER
from benchmark.data.vocabulary import Vocabulary
from benchmark.measure.hardware import versions
from benchmark.methods.base import Head, Method
from benchmark.plan.graph import Graph, Stage
from benchmark.plan.heads import HEADS, units
from benchmark.plan.speech import Speech
from benchmark.registry import COMPRESSIONS, METHODS
from benchmark.runtimes.base import NATIVE
from benchmark.scoring.metrics.base import added_metrics
from benchmark.statistics.bootstrap import DRAWS, LEVEL
from benchmark.suite.matrix import Cell
from benchmark.suite.schema import Choice, Suite

if TYPE_CHECKING:
    from benchmark.plan.pace import Paces

WARM_START = "joint"
"""The method that trains the start which meta-learners share; see `Method.warm_start`."""


SPEECH = ("corpus", "support", "optimizer", "augmentation", "precision")
"""What a compression that learns from the support set takes over from adaptation."""


def runtime_identity(cell: Cell) -> dict[str, Any]:
    """What the runtime adds to identities: nothing for the native one."""
    native = cell.runtime.identity["name"] == NATIVE
    return {} if native else {"runtime": cell.runtime.identity}


def uncompressed() -> Choice[Chain]:
    """The compression that changes nothing."""
    none = COMPRESSIONS.make("none")
    chain = Chain((none,), ("none",))
    return Choice("none", chain, chain.identity([COMPRESSIONS.identity("none", none)]))


class Stages:
    """Adds the stages of cells to a graph; a stage that two cells share is added once.

    Every method returns the key of its stage.
    """

    def __init__(
        self, suite: Suite, speech: Speech, hardware: dict[str, Any], graph: Graph
    ) -> None:
        self.paces: Paces | None = None
        self.suite = suite
        self.speech = speech
        self.hardware = hardware
        self.graph = graph
        self.metrics = added_metrics()
        self.learning = {
            "features": asdict(suite.features),
            "augmentation": asdict(suite.augmentation),
            "precision": suite.precision,
            "normaliser": NORMALISER,
        }

    def meta_train(self, cell: Cell) -> str:
        """The initialisation that a method learns, behind its warm start if it has one."""
        total = self.suite.budget.meta_train
        warm = round(total * cell.method.member.warm_start)
        start = None
        if warm:
            joint = METHODS.make(WARM_START)
            identity = METHODS.identity(WARM_START, joint)
            choice = Choice(f"{WARM_START} (warm start)", joint, identity)
            start = self._initialisation(cell, choice, warm, None)
        own, paced = total - warm, None
        if own and self.paces:
            pace = self.paces.meta_train(cell)
            own, paced = pace.gradients(own), pace.provisional
        return self._initialisation(cell, cell.method, own, start, paced)

    def initialisation(self, cell: Cell) -> str:
        """What the whole budget of meta-training would give a method without a warm start."""
        return self._initialisation(cell, cell.method, self.suite.budget.meta_train, None)

    def _initialisation(
        self,
        cell: Cell,
        method: Choice[Method],
        gradients: int,
        start: str | None,
        paced: dict[str, str] | None = None,
    ) -> str:
        train = self.suite.data.train
        settings = {
            name: value
            for name, value in method.identity["settings"].items()
            if name not in method.member.adaptation_fields
        }
        identity = {
            "model": cell.model.identity,
            "method": {**method.identity, "settings": settings},
            "outer": cell.outer.identity,
            "gradients": gradients,
            "start": start,
            "seed": cell.seed,
            "corpora": {name: self.speech.languages[name].digest for name in train},
            "vocabulary": asdict(self._training_vocabulary(cell)),
            "head": self._head_of_training(cell, method),
            **self.learning,
            **(paced or {}),
        }
        label = f"{method.label}, {cell.model.label}, seed {cell.seed}"
        needs = (*map(self._prepared, train), *([start] if start else []))
        return self.graph.add(Stage("meta_train", identity, label, needs, train, work=gradients))

    def compress_start(self, cell: Cell, compression: Choice[Chain]) -> str:
        """The initialisation of the cell, compressed before it adapts."""
        start = self.meta_train(cell)
        trained = self.graph.stages[start].identity
        identity = {
            "start": start,
            "model": cell.model.identity,
            "compression": compression.identity,
            "features": trained["features"],
            "vocabulary": trained["vocabulary"],
            "normaliser": NORMALISER,
        }
        label = f"{compression.label}: {self.graph.stages[start].label}"
        return self.graph.add(Stage("compress_start", identity, label, (start,)))

    def adapt(self, cell: Cell, compression: Choice[Chain]) -> str:
        """A network adapted to the language of the cell from its support set.

        How it is compressed matters where that is to happen before or during adaptation.
        """
        when = compression.member.when
        start = self.meta_train(cell) if cell.method.member.meta_trains else None
        if when == "before":
            start = self.compress_start(cell, compression)
        language = self.speech.languages[cell.language]
        if cell.method.member.whole_split:
            support = [u.uid for u in language.prepared.split("train")] if language.prepared else []
        else:
            support = self.speech.support(cell.language, cell.shots, cell.draw)
        gradients, paced = self.suite.budget.adapt, dict[str, str]()
        if self.paces:
            pace = self.paces.adapt(cell)
            gradients, paced = pace.gradients(gradients), pace.provisional
        identity: dict[str, Any] = {
            "model": cell.model.identity,
            "method": cell.method.identity,
            "optimizer": cell.optimizer.identity,
            "gradients": gradients,
            "start": start,
            "start_units": len(self._training_vocabulary(cell)) if start else None,
            "seed": cell.seed,
            "language": cell.language,
            "corpus": language.digest,
            "support": support or f"{cell.shots} shots, draw {cell.draw}",
            "vocabulary": asdict(self._adapted_vocabulary(cell, language.texts(support))),
            "head": asdict(HEADS[cell.head]),
            **({} if when == "after" else {"compression": compression.identity}),
            **self.learning,
            **paced,
        }
        # Uncompressed references of cells that are compressed earlier have no curve.
        chains = (choice.member for choice in self.suite.compressions)
        if self.suite.curve and when == "after" and any(c.when == "after" for c in chains):
            identity["snapshots"] = list(self.suite.curve)
        label = (
            f"{cell.method.label}, {cell.optimizer.label}, {cell.language},"
            f" {cell.shots} shots, seed {cell.seed}, draw {cell.draw}, head {cell.head}"
            + (f", {compression.label}" if when != "after" else "")
        )
        needs = (self._prepared(cell.language), *([start] if start else []))
        stage = Stage("adapt", identity, label, needs, (cell.language,), work=gradients)
        return self.graph.add(stage)

    def compress(self, cell: Cell, compression: Choice[Chain], adapt: str) -> str:
        """The file that would be shipped."""
        adapted = self.graph.stages[adapt].identity
        own_file = cell.runtime.member.own_file
        listens = compression.member.needs_speech
        before = compression.member.when == "before"
        identity = {
            "adapted": adapt,
            "model": cell.model.identity,
            "compression": compression.identity,
            "features": adapted["features"],
            "vocabulary": adapted["vocabulary"],
            "language": cell.language,
            "normaliser": NORMALISER,
            **({"start": adapted["start"]} if before else {}),
            **(runtime_identity(cell) if own_file else {}),
            **({"speech": {name: adapted[name] for name in SPEECH}} if listens else {}),
        }
        label = f"{compression.label}: {self.graph.stages[adapt].label}"
        needs = (
            adapt,
            *([adapted["start"]] if before else []),
            *([self._prepared(cell.language)] if listens else []),
        )
        languages = (cell.language,) if listens else ()
        return self.graph.add(Stage("compress", identity, label, needs, languages))

    def evaluate(self, cell: Cell, compress: str) -> str:
        """Raw hypotheses of that file for the test set."""
        language = self.speech.languages[cell.language]
        identity = {
            "artefact": compress,
            "language": cell.language,
            "corpus": language.digest,
            **runtime_identity(cell),
        }
        needs = (compress, self._prepared(cell.language))
        work = len(language.prepared.split("test")) if language.prepared else 0
        label = self.graph.stages[compress].label
        return self.graph.add(Stage("evaluate", identity, label, needs, (cell.language,), work))

    def score(self, cell: Cell, evaluate: str) -> str:
        """Error rates of those hypotheses, with their intervals."""
        identity = {
            "hypotheses": evaluate,
            "language": cell.language,
            "metric": metric(cell.language),
            "normaliser": NORMALISER,
            "interval": {"level": LEVEL, "draws": DRAWS, "seed": 0},
            **({"metrics": self.metrics} if self.metrics else {}),
        }
        label = self.graph.stages[evaluate].label
        return self.graph.add(Stage("score", identity, label, (evaluate,)))

    def curve(self, cell: Cell, adapt: str) -> str:
        """Raw hypotheses for the test set of the snapshots that adaptation kept."""
        language = self.speech.languages[cell.language]
        adapted = self.graph.stages[adapt].identity
        identity = {
            "adapted": adapt,
            "model": cell.model.identity,
            "features": adapted["features"],
            "vocabulary": adapted["vocabulary"],
            "language": cell.language,
            "corpus": language.digest,
            "normaliser": NORMALISER,
        }
        needs = (adapt, self._prepared(cell.language))
        test = len(language.prepared.split("test")) if language.prepared else 0
        label, work = self.graph.stages[adapt].label, test * (len(self.suite.curve) + 1)
        return self.graph.add(Stage("curve", identity, label, needs, (cell.language,), work))

    def score_curve(self, cell: Cell, curve: str) -> str:
        """Error rates of those hypotheses by step, and the area under them."""
        identity = {
            "hypotheses": curve,
            "language": cell.language,
            "metric": metric(cell.language),
            "normaliser": NORMALISER,
        }
        label = self.graph.stages[curve].label
        return self.graph.add(Stage("score_curve", identity, label, (curve,)))

    def time(self, cell: Cell, compress: str) -> str:
        """Latency of an artefact of this structure; which artefact stands for it is no matter.

        It needs no stage for sure: see `Plan.candidates`.
        """
        artefact = self.graph.stages[compress].identity
        known = self.speech.languages[cell.language].prepared is not None
        identity = {
            "model": cell.model.identity,
            "units": len(artefact["vocabulary"]["symbols"])
            if known
            else f"those of {cell.language}",
            "features": artefact["features"],
            "compression": artefact["compression"],
            **(runtime_identity(cell) or {"runtime": NATIVE}),
            "protocol": asdict(self.suite.timing),
            "hardware": self.hardware | versions(cell.runtime.member.packages),
        }
        label = f"{cell.model.label}, {cell.compression.label}, {cell.language}"
        return self.graph.add(Stage("time", identity, label))

    def _prepared(self, language: str) -> str:
        stage = self.speech.languages[language].stage
        assert stage is not None, "cells of a language that cannot be prepared are blocked"
        return stage.key

    def _training_vocabulary(self, cell: Cell) -> Vocabulary:
        return self.speech.training_vocabulary(units(cell))

    def _adapted_vocabulary(self, cell: Cell, texts: list[str]) -> Vocabulary:
        """The units after adaptation: a fresh head knows those of the support set alone."""
        if HEADS[cell.head].head == "fresh":
            return Vocabulary.of(units(cell), texts)
        return self._training_vocabulary(cell).extended(texts)

    def _head_of_training(self, cell: Cell, method: Choice[Method]) -> Head:
        """The head that meta-training prepares for; what does not care is shared."""
        head = HEADS[cell.head].head
        return head if head == "bytes" or method.member.prepares_head else "union"
