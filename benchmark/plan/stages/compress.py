"""Make the file that would be shipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from benchmark.data.augmentation import Augmentation
from benchmark.data.features import Features
from benchmark.data.vocabulary import Vocabulary
from benchmark.plan.stages.base import Member, Stage
from benchmark.suite.schema import Precision


@dataclass(frozen=True)
class Support:
    """The support set that adaptation had, and what it learnt with; see `Adapt`."""

    corpus: str
    support: tuple[str, ...] | str
    optimizer: Member
    augmentation: Augmentation
    precision: Precision


@dataclass(frozen=True, kw_only=True)
class Compress(Stage):
    """Compression of one adapted network, written as one runtime has it.

    adapted  key of the `adapt` stage
    start    key of the `compress_start` stage, where compression came before adaptation
    runtime  None for the native one
    speech   what a technique that learns has to learn from
    """

    kind: ClassVar[str] = "compress"
    first_seconds: ClassVar[float] = 0.05
    bytes_per_weight: ClassVar[float] = 2.5
    """In the middle of what chains reach."""

    adapted: str
    model: Member
    compression: dict[str, Any]
    features: Features
    vocabulary: Vocabulary
    language: str
    normaliser: str
    start: str | None = None
    runtime: Member | None = None
    speech: Support | None = None

    @property
    def on_device(self) -> bool:
        return self.speech is not None
