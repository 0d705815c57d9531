"""Values in a plain type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from benchmark.compression.storage.encodings.base import Encoding


@dataclass(frozen=True)
class Dense(Encoding):
    """Values stored individually as `dtype`."""

    name: ClassVar[str] = "dense"

    dtype: torch.dtype
    bits: None = field(default=None, init=False)

    def elements(self, values: Tensor) -> Tensor:
        return values.to(self.dtype)

    def values(self, elements: Tensor) -> Tensor:
        return elements.float() if elements.is_floating_point() else elements

    def settings(self) -> dict[str, Any]:
        return {"dtype": str(self.dtype).removeprefix("torch.")}

    @classmethod
    def restored(
        cls, bits: int | None, sides: Mapping[str, Tensor], settings: Mapping[str, Any]
    ) -> Self:
        dtype = getattr(torch, str(settings["dtype"]), None)
        if bits is not None or not isinstance(dtype, torch.dtype):
            raise ValueError(f"no type of values: {settings['dtype']}")
        return cls(dtype)
