"""Changed widths of a layer after channels or heads were removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from torch import Tensor, nn

from benchmark.models.networks.attention import SelfAttention
from benchmark.models.networks.base import SpeechNetwork

Width = Literal[
    "in_features",
    "out_features",
    "in_channels",
    "out_channels",
    "groups",
    "normalized_shape",
    "num_channels",
    "num_groups",
    "heads",
]
"""Sizes that a layer stores as attributes."""

WIDTHS: Mapping[type[nn.Module], tuple[Width, ...]] = {
    nn.Linear: ("in_features", "out_features"),
    nn.Conv1d: ("in_channels", "out_channels", "groups"),
    nn.Conv2d: ("in_channels", "out_channels", "groups"),
    nn.LayerNorm: ("normalized_shape",),
    nn.GroupNorm: ("num_channels", "num_groups"),
    SelfAttention: ("heads",),
}


@dataclass(frozen=True)
class Resize:
    """Sets the widths of a layer; its values become arbitrary."""

    module: str
    widths: dict[Width, Annotated[int, Field(ge=1)]]
    edit: Literal["resize"] = "resize"

    def apply(self, network: SpeechNetwork) -> None:
        """Change `network` in place. Raises ValueError if a layer has no such width."""
        layer = network.get_submodule(self.module)
        present = widths(layer)
        for name, width in self.widths.items():
            if name not in present:
                raise ValueError(f"{self.module} has no {name}")
            setattr(layer, name, (width,) if name == "normalized_shape" else width)
        for parameter, shape in _shapes(layer).items():
            old: Tensor | None = getattr(layer, parameter)
            if old is not None:
                fresh = nn.Parameter(old.new_zeros(shape), requires_grad=old.requires_grad)
                setattr(layer, parameter, fresh)


def widths(layer: nn.Module) -> dict[Width, int]:
    """The widths of a layer; empty for a layer without any."""
    for kind, names in WIDTHS.items():
        if isinstance(layer, kind):
            values = {name: getattr(layer, name) for name in names}
            return {n: v[0] if isinstance(v, tuple) else v for n, v in values.items()}
    return {}


def resizes(before: SpeechNetwork, after: SpeechNetwork) -> list[Resize]:
    """The edits that give the layers of `before` the widths of those of `after`."""
    new = dict(after.named_modules())
    edits = []
    for name, layer in before.named_modules():
        present, wanted = widths(layer), widths(new[name])
        changed = {width: size for width, size in wanted.items() if size != present[width]}
        if changed:
            edits.append(Resize(name, changed))
    return edits


def _shapes(layer: nn.Module) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter, from the widths of its layer."""
    if isinstance(layer, nn.Linear):
        return {"weight": (layer.out_features, layer.in_features), "bias": (layer.out_features,)}
    if isinstance(layer, nn.Conv1d | nn.Conv2d):
        seen = layer.in_channels // layer.groups
        weight = (layer.out_channels, seen, *layer.kernel_size)
        return {"weight": weight, "bias": (layer.out_channels,)}
    if isinstance(layer, nn.LayerNorm):
        return {"weight": tuple(layer.normalized_shape), "bias": tuple(layer.normalized_shape)}
    if isinstance(layer, nn.GroupNorm):
        return {"weight": (layer.num_channels,), "bias": (layer.num_channels,)}
    return {}
