"""No compression: the reference for sizes and latencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from benchmark.compression.base import WeightCompression

if TYPE_CHECKING:
    from benchmark.compression.storage.weight import Weight


@dataclass(frozen=True)
class Uncompressed(WeightCompression):
    """Store all weights as float32: the reference for all other settings."""

    neutral: ClassVar[bool] = True

    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        return dict(weights)
