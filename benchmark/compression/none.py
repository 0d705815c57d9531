"""No compression: the reference that sizes and latencies are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.compression.base import Compression

if TYPE_CHECKING:
    from benchmark.compression.storage.weight import Weight


@dataclass(frozen=True)
class Uncompressed(Compression):
    """Every weight as float32."""

    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        return dict(weights)
