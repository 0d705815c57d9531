"""Conformer with CTC: attention and convolution, for larger data sets and a GPU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from benchmark.models.base import Model

if TYPE_CHECKING:
    from benchmark.models.networks.base import SpeechNetwork


@dataclass(frozen=True)
class ConformerCTC(Model):
    """A Conformer encoder over characters at a quarter of the frame rate.

    `dim` is the width of a frame, `ff` that of the feed-forward layers, `kernel` the (odd) kernel
    size of convolutions in frames. `norm` is the normalisation inside the convolution module.

    `adapter` is the width of a bottleneck after each block, 0 for none. It has no effect until a
    method trains it.
    """

    paper: ClassVar[str] = "Gulati et al., Interspeech 2020, arXiv 2005.08100"

    dim: Annotated[int, Field(ge=1)] = 144
    blocks: Annotated[int, Field(ge=1)] = 4
    heads: Annotated[int, Field(ge=1)] = 4
    ff: Annotated[int, Field(ge=1)] = 288
    kernel: Annotated[int, Field(ge=1)] = 15
    norm: Literal["layer", "group"] = "layer"
    adapter: Annotated[int, Field(ge=0)] = 0

    def __post_init__(self) -> None:
        if self.kernel % 2 == 0:
            raise ValueError(f"kernel must be odd, not {self.kernel}")
        if self.dim % (2 * self.heads):
            raise ValueError(f"dim must be a multiple of 2 * heads = {2 * self.heads}")

    def num_parameters(self, num_features: int) -> int:
        feed_forward = 4 * self.dim * self.ff
        mixing = 7 * self.dim**2 + self.dim * (self.kernel + 2 * self.adapter)
        first = 3 * self.dim * (num_features + self.dim)
        return first + self.blocks * (feed_forward + mixing)

    def build(self, num_features: int, num_units: int) -> SpeechNetwork:
        from benchmark.models.networks.conformer import ConformerNetwork

        return ConformerNetwork(num_features, num_units, self)
