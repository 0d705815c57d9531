"""Quantisation of weights to N bits: `int2` to `int8`.

Uniform and symmetric: equal intervals around zero, rounding to the nearest, the largest magnitude
on the last level. Zero is a level, so pruned weights stay pruned. Nothing is calibrated or
trained. Linear and convolution weights take N bits each in the file; all else is stored as fp16.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from benchmark.compression.base import WeightCompression

if TYPE_CHECKING:
    from benchmark.compression.storage.weight import Weight


@dataclass(frozen=True)
class IntN(WeightCompression):
    """Quantise weights to `bits` bits: equal intervals per output `channel` or per `tensor`."""

    paper: ClassVar[str] = "Krishnamoorthi 2018, https://arxiv.org/abs/1806.08342, section 2"
    pattern: ClassVar[str | None] = r"int(?P<bits>[2-8])"

    bits: Annotated[int, Field(ge=2, le=8)] = 8
    granularity: Literal["tensor", "channel"] = "channel"

    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        import torch

        from benchmark.compression.storage.grid import uniform_grid
        from benchmark.compression.storage.weight import change_matrices, halve

        per_channel = self.granularity == "channel"
        quantised = change_matrices(
            weights, lambda w: w.stored_as(uniform_grid(w.values, self.bits, per_channel))
        )
        return halve(quantised, torch.float16)
