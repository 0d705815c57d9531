"""Replacement of a layer by two low-rank factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field
from torch import nn

from benchmark.models.networks.base import SpeechNetwork


@dataclass(frozen=True)
class Factorise:
    """Replaces a linear layer or pointwise convolution by two with `rank` channels between them.

    Its weight is then the product of the weights `MODULE.1` and `MODULE.0`; the second layer has
    the bias.
    """

    module: str
    rank: Annotated[int, Field(ge=1)]
    edit: Literal["factorise"] = "factorise"

    def apply(self, network: SpeechNetwork) -> None:
        """Change `network` in place. Raises ValueError if it has no such layer."""
        layer = network.get_submodule(self.module)
        if not mixes_channels(layer):
            raise ValueError(f"{self.module} is neither a linear layer nor a pointwise convolution")
        network.set_submodule(self.module, _pair(layer, self.rank))


def mixes_channels(layer: nn.Module) -> bool:
    """Whether a layer is linear, or a convolution over one position and all channels."""
    if isinstance(layer, nn.Conv1d | nn.Conv2d):
        alone = all(size == 1 for size in layer.kernel_size) and layer.groups == 1
        return alone and not isinstance(layer.padding, str) and not any(layer.padding)
    return isinstance(layer, nn.Linear)


def _pair(layer: nn.Module, rank: int) -> nn.Sequential:
    """Two layers with arbitrary values."""
    if isinstance(layer, nn.Linear):
        return nn.Sequential(
            nn.Linear(layer.in_features, rank, bias=False),
            nn.Linear(rank, layer.out_features, bias=layer.bias is not None),
        )
    assert isinstance(layer, nn.Conv1d | nn.Conv2d)
    # Of the same class, because convolutions differ in the channel dimension of their input.
    kind: Any = type(layer)
    first = kind(layer.in_channels, rank, 1, stride=layer.stride)
    second = kind(rank, layer.out_channels, 1)
    first.register_parameter("bias", None)
    if layer.bias is None:
        second.register_parameter("bias", None)
    return nn.Sequential(first, second)
