"""Values as indices into a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from benchmark.compression.storage.encodings.base import Encoding


@dataclass(frozen=True, eq=False)
class Codebook(Encoding):
    """Values stored as indices into `table` (K,): float16, ascending, K at most 256.

    An index takes log2(K) bits, rounded up.
    """

    name: ClassVar[str] = "codebook"
    side_names: ClassVar[tuple[str, ...]] = ("table",)

    table: Tensor

    @property
    def bits(self) -> int:  # type: ignore[override]
        """Bits of an index."""
        return max(1, (len(self.table) - 1).bit_length())

    def elements(self, values: Tensor) -> Tensor:
        entries = self.table.float()
        between = (entries[1:] + entries[:-1]) / 2
        return torch.bucketize(values, between).to(torch.uint8)

    def values(self, elements: Tensor) -> Tensor:
        return self.table.float()[elements.int()]

    def sides(self) -> dict[str, Tensor]:
        return {"table": self.table}

    @classmethod
    def restored(
        cls, bits: int | None, sides: Mapping[str, Tensor], settings: Mapping[str, Any]
    ) -> Self:
        codebook = cls(sides["table"])
        if codebook.bits != bits:
            raise ValueError(f"indices of {bits} bits into a table of {len(codebook.table)}")
        return codebook
