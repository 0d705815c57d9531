"""Transcribe the test set with each snapshot of an adaptation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from benchmark.data.features import Features
from benchmark.data.vocabulary import Vocabulary
from benchmark.plan.stages.base import Member, Stage


@dataclass(frozen=True, kw_only=True)
class Curve(Stage):
    """Raw hypotheses of the snapshots that the `adapt` stage `adapted` has kept.

    `corpus` is the digest of the speech of the language.
    """

    kind: ClassVar[str] = "curve"
    first_seconds: ClassVar[float] = 0.1
    seconds_per_utterance: ClassVar[float] = 0.002

    adapted: str
    model: Member
    features: Features
    vocabulary: Vocabulary
    language: str
    corpus: str
    normaliser: str

    @property
    def on_device(self) -> bool:
        return True
