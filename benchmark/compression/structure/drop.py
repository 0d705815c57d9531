"""Removal of a block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import nn

from benchmark.models.networks.base import SpeechNetwork


@dataclass(frozen=True)
class Drop:
    """Removes one member of a module list."""

    module: str
    index: int
    edit: Literal["drop"] = "drop"

    def apply(self, network: SpeechNetwork) -> None:
        """Change `network` in place. Raises ValueError if it has no such member."""
        layers = network.get_submodule(self.module)
        if not isinstance(layers, nn.ModuleList) or not 0 <= self.index < len(layers):
            raise ValueError(f"{self.module} has no member {self.index} to remove")
        del layers[self.index]
