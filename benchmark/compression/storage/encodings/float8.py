"""8-bit floating point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from benchmark.compression.storage.encodings.base import Encoding

LARGEST = torch.finfo(torch.float8_e4m3fn).max
SMALLEST = torch.finfo(torch.float8_e4m3fn).smallest_normal / 2**3
"""The smallest positive value, a subnormal."""


@dataclass(frozen=True, eq=False)
class Float8(Encoding):
    """Values stored as e4m3 times `scale`, a bfloat16 that broadcasts against them.

    e4m3 has 4 bits of exponent and 3 of mantissa, no infinity, and 448 as its largest value
    (Micikevicius et al. 2022, arXiv 2209.05433, table 1). The product is exact in float32.
    """

    name: ClassVar[str] = "float8"
    side_names: ClassVar[tuple[str, ...]] = ("scale",)

    scale: Tensor
    bits: int = field(default=8, init=False)

    def elements(self, values: Tensor) -> Tensor:
        scaled = (values / self.scale.float()).clamp(-LARGEST, LARGEST)
        codes = scaled.to(torch.float8_e4m3fn).view(torch.uint8)
        # Negative zeros become positive, so that pruned weights can be left out of the file.
        return codes.where(codes != 0x80, 0)

    def values(self, elements: Tensor) -> Tensor:
        return elements.view(torch.float8_e4m3fn).float() * self.scale.float()

    def sides(self) -> dict[str, Tensor]:
        return {"scale": self.scale.contiguous()}

    @classmethod
    def restored(
        cls, bits: int | None, sides: Mapping[str, Tensor], settings: Mapping[str, Any]
    ) -> Self:
        if bits != 8:
            raise ValueError(f"8-bit floating point of {bits} bits")
        return cls(sides["scale"])
