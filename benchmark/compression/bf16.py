"""All weights as bfloat16: half the bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.compression.base import WeightCompression

if TYPE_CHECKING:
    from benchmark.compression.storage.weight import Weight


@dataclass(frozen=True)
class BFloat16(WeightCompression):
    """Store weights as bfloat16: 8 bits of significand, the range of float32.

    In a chain, quantised weights are unchanged: `int8+bf16` stores the rest as bf16.
    """

    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        import torch

        from benchmark.compression.storage.weight import halve

        return halve(weights, torch.bfloat16)
