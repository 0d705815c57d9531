"""No compression: the reference that sizes and latencies are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from benchmark.compression.base import WeightCompression

if TYPE_CHECKING:
    from benchmark.compression.storage.weight import Weight


@dataclass(frozen=True)
class Uncompressed(WeightCompression):
    """Store every weight as float32: what the others are compared with."""

    neutral: ClassVar[bool] = True

    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        return dict(weights)
