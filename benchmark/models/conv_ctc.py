"""Separable convolutions with CTC: small and quick, the model to start with on a CPU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from benchmark.models.base import Model

if TYPE_CHECKING:
    from benchmark.models.networks.base import SpeechNetwork


@dataclass(frozen=True)
class ConvCTC(Model):
    """Residual separable convolutions over characters, about 0.4 M parameters.

    `kernel` is the (odd) number of frames that a block sees, `subsampling` the number of feature
    frames per output frame: 4 is quicker and learns sooner, 2 leaves room for fast speech.
    """

    channels: Annotated[int, Field(ge=1)] = 192
    blocks: Annotated[int, Field(ge=1)] = 8
    kernel: Annotated[int, Field(ge=1)] = 11
    subsampling: Literal[2, 4] = 4

    def __post_init__(self) -> None:
        if self.kernel % 2 == 0:
            raise ValueError(f"kernel must be odd, not {self.kernel}")

    def build(self, num_features: int, num_units: int) -> SpeechNetwork:
        from benchmark.models.networks.conv import ConvNetwork

        return ConvNetwork(num_features, num_units, self)
