"""Dependencies between the channels of a network, for torch-pruning.

torch-pruning reads the autograd graph and treats each node as a layer or an elementwise operation.
Layers that consist of several operations (a convolution over transposed frames) and attention,
which mixes frames but not channels, are therefore recorded as one node each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from benchmark.data.batch import Batch
from benchmark.data.features import InputType
from benchmark.models.networks.attention import SelfAttention
from benchmark.models.networks.base import SpeechNetwork

LENGTHS: Mapping[InputType, int] = {"log_mel": 64, "waveform": 6400}
"""Frames or samples of the utterance with which the graph is recorded."""

LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.LayerNorm, nn.GroupNorm)


class _Node(torch.autograd.Function):
    """Any computation as one node of the graph; its gradient is never computed."""

    @staticmethod
    def forward(ctx: Any, compute: Callable[..., Tensor], *inputs: Tensor) -> Tensor:
        return compute(*inputs)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> None:
        raise NotImplementedError("a node of the graph without a gradient")


@dataclass(frozen=True)
class Attention:
    """An attention module, its projections to heads (query, key, value), and its number of
    heads."""

    module: nn.Module
    projections: tuple[nn.Module, nn.Module, nn.Module]
    heads: int

    def keep(self, heads: int) -> None:
        """Set the number of remaining heads."""
        if isinstance(self.module, SelfAttention):
            self.module.heads = heads
        # Modules of transformers derive the number of heads from the width of one.


@contextmanager
def whole_layers(network: SpeechNetwork) -> Iterator[None]:
    """Within this context each layer and each attention is recorded as one node."""
    changed: dict[tuple[nn.Module, str], Callable[..., Any]] = {
        (layer, "forward"): _as_node(layer.forward)
        for layer in network.modules()
        if isinstance(layer, LAYERS)
    }
    for attention in attentions(network):
        module = attention.module
        if isinstance(module, SelfAttention):
            changed[module, "attend"] = _as_node(module.attend)
        else:
            changed[module, "forward"] = partial(_attended, attention)
    for (module, method), node in changed.items():
        setattr(module, method, node)
    try:
        yield
    finally:
        for module, method in changed:
            delattr(module, method)


def _attended(attention: Attention, hidden_states: Tensor, **_: Any) -> tuple[Tensor, None]:
    """The effect of an attention of transformers on channels; values do not matter."""
    mixed = _as_node(lambda query, key, value: query + key + value)
    combined = mixed(*(projection(hidden_states) for projection in attention.projections))
    return attention.module.get_submodule("out_proj")(combined), None


def attentions(network: SpeechNetwork) -> list[Attention]:
    """The attentions of a network, whose heads can be removed."""
    modules = []
    for module in network.modules():
        if isinstance(module, SelfAttention):
            own = (module.query, module.key, module.value)
            modules.append(Attention(module, own, module.heads))
        elif hasattr(module, "q_proj"):
            theirs: Any = module
            heads = last_layer(theirs.q_proj).out_features // theirs.head_dim
            modules.append(Attention(module, (theirs.q_proj, theirs.k_proj, theirs.v_proj), heads))
    return modules


def last_layer(projection: nn.Module) -> nn.Linear:
    """The layer that outputs the heads: the second one of a factorised projection."""
    layer = projection[-1] if isinstance(projection, nn.Sequential) else projection
    assert isinstance(layer, nn.Linear)
    return layer


def example_batch(input_type: InputType, num_features: int) -> Batch:
    """A batch of one utterance with which to record the graph; its features require gradients."""
    length = LENGTHS[input_type]
    size = 1 if input_type == "waveform" else num_features
    features = torch.zeros(1, length, size, requires_grad=True)
    nothing = torch.zeros(1, 0, dtype=torch.int64)
    return Batch(features, torch.tensor([length]), nothing, torch.zeros(1, dtype=torch.int64))


def scores(network: SpeechNetwork, batch: Batch) -> Tensor:
    """Scores of all frames (frames, classes). With two dimensions torch-pruning can follow the
    channels of an image into a linear layer."""
    outputs: Tensor = network.output(network.encode(batch).frames.flatten(0, 1))
    return outputs


def _as_node(compute: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def recorded(*inputs: Tensor) -> Tensor:
        outputs: Tensor = _Node.apply(compute, *inputs)  # type: ignore[no-untyped-call]
        return outputs

    return recorded
