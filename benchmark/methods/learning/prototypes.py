"""Output layers whose rows are prototypes: the mean frames of units.

The logit of a frame h for a unit with mean c is -s |h - c|^2 (Snell et al. 2017, equation 2). The
term -s |h|^2 is the same for all units and cancels in the softmax, which leaves a linear layer with
weight 2 s c and bias -s |c|^2. The blank is a unit like any other, with an additional bias.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from benchmark.methods.learning.adaptation import Adaptation
from benchmark.methods.learning.learner import Learner
from benchmark.methods.learning.training import MetaTraining
from benchmark.models.networks.base import Encoded, SpeechNetwork
from benchmark.models.networks.frames import frame_mask

SCALE, BLANK = "log_scale", "blank_bias"
"""The parameters learnt besides the body: the logarithm of s, and the bias of the blank."""

SPREAD = 8.0
MEMORY = 0.9
ROUNDS = 2


class Layer(NamedTuple):
    """The weight (rows, D) and bias (rows,) of an output layer."""

    weight: Tensor
    bias: Tensor


def start(training: MetaTraining) -> None:
    """Make scale and blank bias trainable; initially orthogonal frames are 2 `SPREAD` apart."""
    network = training.network
    with torch.no_grad():
        frames, lengths = training.encode(training.tasks[0].batch(1))
        size = (frames.double() ** 2).sum(2)[0, : lengths[0]].mean()
    scale = math.log(SPREAD) - size.clamp(min=1e-6).log()
    training.learnt[SCALE] = nn.Parameter(scale.to(network.output.weight))
    training.learnt[BLANK] = nn.Parameter(network.output.weight.new_zeros(network.first_unit))


def layer(learner: Learner, aligned: Sequence[tuple[Encoded, Tensor]]) -> Layer:
    """The output layer for frames with assignments to units (N, T, units).

    A unit without frames keeps its row. Gradients flow through frames, not through assignments.
    """
    network = learner.network
    sums = counts = network.output.weight.new_zeros(())
    for encoded, units in aligned:
        real = frame_mask(encoded.lengths, encoded.frames.shape[1]).to(units)
        blank = (real - units.sum(2, keepdim=True)).clamp(min=0).expand(-1, -1, network.first_unit)
        shares = torch.cat([blank, units], 2).flatten(0, 1)
        sums = shares.T @ encoded.frames.flatten(0, 1).to(shares) + sums.to(shares)
        counts = shares.sum(0)[:, None] + counts.to(shares)
    means = sums / counts.clamp(min=1e-6)
    scale = learner.learnt[SCALE].exp()
    bias = -scale * (means**2).sum(1)
    extra = nn.functional.pad(learner.learnt[BLANK], (0, network.num_units))
    observed = counts > 0.5
    return Layer(
        torch.where(observed, 2 * scale * means, network.output.weight.detach()),
        torch.where(observed[:, 0], bias + extra, network.output.bias.detach()),
    )


def drift(network: SpeechNetwork, towards: Layer) -> None:
    """Move the network's output layer towards another, in place, to align the next episode."""
    with torch.no_grad():
        for own, other in zip(network.output.parameters(), towards, strict=True):
            own.copy_(own.lerp(other, 1 - MEMORY))


def write_prototypes(adaptation: Adaptation, batch_size: int) -> None:
    """Set the output layer to the prototypes of the support set, in place.

    The support set is aligned again with the new layer, because an untrained layer can align only
    by order.
    """
    network, support = adaptation.network, adaptation.support
    network.eval()
    with torch.no_grad():
        sizes = [min(batch_size, len(support) - at) for at in range(0, len(support), batch_size)]
        batches = [support.batch(size) for size in sizes]
        encoded = [adaptation.encode(batch) for batch in batches]
        for _ in range(ROUNDS):
            aligned = [
                (e, network.assign(e, batch)) for e, batch in zip(encoded, batches, strict=True)
            ]
            weight, bias = layer(adaptation, aligned)
            network.output.weight.copy_(weight)
            network.output.bias.copy_(bias)
