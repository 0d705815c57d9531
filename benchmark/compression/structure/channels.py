"""Which channels of a network belong together, found by following its computation.

torch-pruning reads the graph that autograd records and takes each node for a layer or an
elementwise operation. Layers that are several operations here (a convolution over transposed
frames) and attention, which mixes frames but no channels, are one node each while it looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from benchmark.data.batch import Batch
from benchmark.models.networks.attention import SelfAttention
from benchmark.models.networks.base import SpeechNetwork

FRAMES = 64
"""Length of the utterance that is followed through the network."""

LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.LayerNorm, nn.GroupNorm)


class _Node(torch.autograd.Function):
    """Any computation as one node of the graph; nobody asks for its gradient."""

    @staticmethod
    def forward(ctx: Any, compute: Callable[..., Tensor], *inputs: Tensor) -> Tensor:
        return compute(*inputs)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> None:
        raise NotImplementedError("a node to look at")


@contextmanager
def whole_layers(network: SpeechNetwork) -> Iterator[None]:
    """Record each layer and each attention as one node, for a while."""
    changed: list[tuple[nn.Module, str]] = []
    changed += [(layer, "forward") for layer in network.modules() if isinstance(layer, LAYERS)]
    changed += [(attention, "attend") for attention in attentions(network)]
    for module, method in changed:
        setattr(module, method, _as_node(getattr(module, method)))
    try:
        yield
    finally:
        for module, method in changed:
            delattr(module, method)


def attentions(network: SpeechNetwork) -> list[SelfAttention]:
    """The attentions of a network, whose heads can be taken away."""
    return [module for module in network.modules() if isinstance(module, SelfAttention)]


def example(num_features: int) -> Batch:
    """A batch of one utterance to follow through a network, from features that want gradients."""
    features = torch.zeros(1, FRAMES, num_features, requires_grad=True)
    nothing = torch.zeros(1, 0, dtype=torch.int64)
    return Batch(features, torch.tensor([FRAMES]), nothing, torch.zeros(1, dtype=torch.int64))


def scores(network: SpeechNetwork, batch: Batch) -> Tensor:
    """Scores of all frames (frames, classes), in two dimensions: torch-pruning only then follows
    the channels of a picture into a linear layer."""
    outputs: Tensor = network.output(network.encode(batch).frames.flatten(0, 1))
    return outputs


def _as_node(compute: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def recorded(*inputs: Tensor) -> Tensor:
        outputs: Tensor = _Node.apply(compute, *inputs)  # type: ignore[no-untyped-call]
        return outputs

    return recorded
