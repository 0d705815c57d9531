"""All weights as IEEE half precision: half the bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.compression.base import WeightCompression

if TYPE_CHECKING:
    from benchmark.compression.storage.weight import Weight


@dataclass(frozen=True)
class Float16(WeightCompression):
    """Store weights as float16: 11 bits of significand, largest value 65504.

    In a chain, quantised weights are unchanged: `int8+fp16` stores the rest as fp16.
    """

    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        import torch

        from benchmark.compression.storage.weight import halve

        return halve(weights, torch.float16)
