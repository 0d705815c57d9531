"""What many stages of a plan have in common, made once for all of them."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from typing import Any, TypedDict

from benchmark.data.augmentation import Augmentation
from benchmark.data.features import Features
from benchmark.data.text import NORMALISER
from benchmark.data.vocabulary import Vocabulary
from benchmark.measure.hardware import versions
from benchmark.methods.base import Head, Method
from benchmark.plan.heads import HEADS, units
from benchmark.plan.speech import Speech
from benchmark.plan.stages.adapt import Adapt
from benchmark.plan.stages.base import Member
from benchmark.plan.stages.compress import Support
from benchmark.runtimes.base import Runtime
from benchmark.suite.matrix import Cell
from benchmark.suite.schema import Choice, Precision, Suite


class Learning(TypedDict):
    """What all stages of a suite that learn have in common."""

    features: Features
    augmentation: Augmentation
    precision: Precision
    normaliser: str


class Shared:
    """Values of the stages of one plan. The same call returns the same object."""

    def __init__(self, suite: Suite, speech: Speech, hardware: dict[str, Any]) -> None:
        self._speech = speech
        self._hardware = hardware
        self._values: dict[Hashable, Any] = {}
        self.learning: Learning = {
            "features": suite.features,
            "augmentation": suite.augmentation,
            "precision": suite.precision,
            "normaliser": NORMALISER,
        }

    @cached_property
    def corpora(self) -> dict[str, str]:
        """The digest of the speech of each training language."""
        languages = self._speech.languages
        return {name: languages[name].digest for name in self._speech.data.train}

    def training_vocabulary(self, cell: Cell) -> Vocabulary:
        """The output units of meta-training."""
        return self._speech.training_vocabulary(units(cell))

    def adapted_vocabulary(self, cell: Cell) -> Vocabulary:
        """The units after adaptation: a fresh head knows those of the support set alone."""
        support = self.support(cell)
        fresh = HEADS[cell.head].head == "fresh"
        place = ("vocabulary", units(cell), fresh, cell.language, support)
        if place not in self._values:
            texts = self._speech.languages[cell.language].texts(support)
            self._values[place] = (
                Vocabulary.of(units(cell), texts)
                if fresh
                else self.training_vocabulary(cell).extended(texts)
            )
        vocabulary: Vocabulary = self._values[place]
        return vocabulary

    def support(self, cell: Cell) -> tuple[str, ...]:
        """The uids that a cell adapts on. Raises DataError where there are too few."""
        whole = cell.method.member.whole_split
        place = ("support", cell.language, None if whole else (cell.shots, cell.draw))
        if place not in self._values:
            prepared = self._speech.languages[cell.language].prepared
            if whole:
                uids = [u.uid for u in prepared.split("train")] if prepared else []
            else:
                uids = self._speech.support(cell.language, cell.shots, cell.draw)
            self._values[place] = tuple(uids)
        support: tuple[str, ...] = self._values[place]
        return support

    def test_size(self, language: str) -> int:
        """Utterances of the test set; 0 until the language is prepared."""
        place = ("test", language)
        if place not in self._values:
            prepared = self._speech.languages[language].prepared
            self._values[place] = len(prepared.split("test")) if prepared else 0
        size: int = self._values[place]
        return size

    def meta_learner(self, method: Choice[Method]) -> Member:
        """A method without the settings that matter to adaptation alone."""
        place = ("method", method)
        if place not in self._values:
            settings = {
                name: value
                for name, value in method.identity["settings"].items()
                if name not in method.member.adaptation_fields
            }
            self._values[place] = {**method.identity, "settings": settings}
        member: Member = self._values[place]
        return member

    def support_of(self, adapt: str, adapted: Adapt) -> Support:
        """What a compression that learns takes over from the `adapt` stage of this key."""
        if adapt not in self._values:
            self._values[adapt] = Support(
                corpus=adapted.corpus,
                support=adapted.support,
                optimizer=adapted.optimizer,
                augmentation=adapted.augmentation,
                precision=adapted.precision,
            )
        support: Support = self._values[adapt]
        return support

    def hardware(self, runtime: Choice[Runtime]) -> dict[str, Any]:
        """The machine, with the versions of what a runtime runs on."""
        place = ("hardware", runtime)
        if place not in self._values:
            self._values[place] = self._hardware | versions(runtime.member.packages)
        hardware: dict[str, Any] = self._values[place]
        return hardware


def head_of_training(cell: Cell, method: Choice[Method]) -> Head:
    """The head that meta-training prepares for; what does not care is shared."""
    head = HEADS[cell.head].head
    return head if head == "bytes" or method.member.prepares_head else "union"
