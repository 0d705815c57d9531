"""Compress an initialisation, so that the small network adapts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from benchmark.data.features import Features
from benchmark.data.vocabulary import Vocabulary
from benchmark.plan.stages.base import Member, Stage


@dataclass(frozen=True, kw_only=True)
class CompressStart(Stage):
    """Compression of the weights that the `meta_train` stage `start` has learnt."""

    kind: ClassVar[str] = "compress_start"
    first_seconds: ClassVar[float] = 0.05
    bytes_per_weight: ClassVar[float] = 2.5

    start: str
    model: Member
    compression: dict[str, Any]
    features: Features
    vocabulary: Vocabulary
    normaliser: str
