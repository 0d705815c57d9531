"""Weights of linear layers and convolutions as 8-bit floating point, e4m3.

This is a storage format: arithmetic is float32 unless a runtime says otherwise. The rest of the
network is stored as fp16.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from benchmark.compression.base import WeightCompression

if TYPE_CHECKING:
    from benchmark.compression.storage.weight import Weight


@dataclass(frozen=True)
class Float8E4M3(WeightCompression):
    """Store weights as 8-bit floating point, e4m3, with a scale per output channel.

    The scale maps the largest weight to 448. The significand has four bits, so the relative
    precision of small and large weights is the same.
    """

    paper: ClassVar[str] = "Micikevicius et al. 2022, https://arxiv.org/abs/2209.05433"

    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        import torch

        from benchmark.compression.storage.grid import float8_scale
        from benchmark.compression.storage.weight import change_matrices, halve

        quantised = change_matrices(weights, lambda w: w.stored_as(float8_scale(w.values)))
        return halve(quantised, torch.float16)
