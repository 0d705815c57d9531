"""Removal of the least important channels and heads of a network, with torch-pruning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec

import torch
from torch import nn

from benchmark.compression.structure.channels import (
    attentions,
    example_batch,
    last_layer,
    scores,
    whole_layers,
)
from benchmark.data.features import InputType
from benchmark.errors import Unsupported
from benchmark.models.networks.base import SpeechNetwork

ROOTS = (nn.Linear, nn.Conv1d, nn.Conv2d)
"""Layers whose outputs are channels that can be removed."""


def prune_channels(
    network: SpeechNetwork, input_type: InputType, num_features: int, share: float
) -> None:
    """Remove `share` of the channels and heads of every layer of `network`, in place.

    Raises Unsupported if torch-pruning is missing or cannot follow the network, or if nothing would
    be left of a layer.
    """
    if find_spec("torch_pruning") is None:
        raise Unsupported("structured pruning needs torch-pruning; pip install '.[prune]'")
    import torch_pruning

    modules = attentions(network)
    heads: dict[nn.Module, int] = {
        last_layer(projection): attention.heads
        for attention in modules
        for projection in attention.projections
    }
    _check_widths(network, share, heads)
    batch = example_batch(input_type, num_features)
    with torch.enable_grad(), whole_layers(network), _norms_of_channels(network):
        pruner = torch_pruning.pruner.BasePruner(
            network,
            batch,
            torch_pruning.importance.GroupMagnitudeImportance(p=2),
            pruning_ratio=share,
            ignored_layers=[network.output],
            num_heads=heads,
            prune_num_heads=True,
            prune_head_dims=False,
            head_pruning_ratio_dict={p: _share(number, share) for p, number in heads.items()},
            # The defaults are shared between pruners, which modify them.
            in_channel_groups={},
            out_channel_groups=_groups(network),
            root_module_types=list(ROOTS),
            forward_fn=scores,
        )
        pruner.step()
    for attention in modules:
        attention.keep(pruner.num_heads[last_layer(attention.projections[0])])
    try:
        with torch.no_grad():
            scores(network, batch)
    except RuntimeError as error:
        raise Unsupported(
            f"torch-pruning cannot follow the channels of {type(network).__name__}: {error}"
        ) from None


@contextmanager
def _norms_of_channels(network: SpeechNetwork) -> Iterator[None]:
    """Within this context norms of single channels have one group: torch-pruning keeps all
    groups."""
    norms = [m for m in network.modules() if isinstance(m, nn.GroupNorm) and _is_of_channels(m)]
    for norm in norms:
        norm.num_groups = 1
    try:
        yield
    finally:
        for norm in norms:
            norm.num_groups = norm.num_channels


def _is_of_channels(norm: nn.GroupNorm) -> bool:
    return norm.num_groups == norm.num_channels


def _check_widths(network: SpeechNetwork, share: float, heads: Mapping[nn.Module, int]) -> None:
    """Raises Unsupported if a layer would have no channel left; torch-pruning skips such layers."""
    for name, layer in network.named_modules():
        if isinstance(layer, ROOTS) and layer is not network.output and layer not in heads:
            width = len(layer.weight)
            if int(width * (1 - share)) < 1:
                raise Unsupported(f"none of the {width} channels of {name} would be left")


def _share(heads: int, share: float) -> float:
    """The share that makes torch-pruning, which rounds up, remove the nearest number of heads."""
    taken = min(round(heads * share), heads - 1)
    return max(0.0, (taken - 0.5) / heads)


def _groups(network: SpeechNetwork) -> dict[nn.Module, int]:
    """The group norms, whose groups must keep equal sizes."""
    return {m: m.num_groups for m in network.modules() if isinstance(m, nn.GroupNorm)}
