"""Separable convolutions with CTC: small and fast, the default model on a CPU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from benchmark.models.base import Model

if TYPE_CHECKING:
    from benchmark.models.networks.base import SpeechNetwork


@dataclass(frozen=True)
class ConvCTC(Model):
    """Residual separable convolutions over characters, about 0.4 M parameters.

    Output frames are four feature frames apart. `kernel` is the (odd) kernel size of a block in
    output frames.

    `adapter` is the width of a bottleneck after each block, 0 for none. It has no effect until a
    method trains it.
    """

    channels: Annotated[int, Field(ge=1)] = 144
    blocks: Annotated[int, Field(ge=1)] = 4
    kernel: Annotated[int, Field(ge=1)] = 9
    adapter: Annotated[int, Field(ge=0)] = 0

    def __post_init__(self) -> None:
        if self.kernel % 2 == 0:
            raise ValueError(f"kernel must be odd, not {self.kernel}")

    def num_parameters(self, num_features: int) -> int:
        width = self.channels
        block = 4 * width**2 + (self.kernel + 7) * width + 2 * width * self.adapter
        return width * (5 * num_features + width + 13) + self.blocks * block

    def build(self, num_features: int, num_units: int) -> SpeechNetwork:
        from benchmark.models.networks.conv import ConvNetwork

        return ConvNetwork(num_features, num_units, self)
