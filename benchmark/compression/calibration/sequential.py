"""GPTQ over a whole network: each layer is calibrated on inputs from the rounded layers before
it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from benchmark.compression.calibration.gptq import gptq
from benchmark.compression.calibration.inputs import Inputs
from benchmark.compression.chain.subject import Subject
from benchmark.compression.storage.encodings.uniform import Uniform
from benchmark.data.batch import Batch
from benchmark.errors import Diverged, Unsupported
from benchmark.models.networks.base import SpeechNetwork

WIDEST = 8192
"""Largest number of inputs; beyond it a Hessian would take more than half a gigabyte."""


class _StopForward(Exception):
    """Ends a forward pass after the last use of a layer."""


def quantise_sequentially(
    subject: Subject, grids: Mapping[str, Uniform], utterances: int
) -> dict[str, Tensor]:
    """Values on `grids`, by name, calibrated on this many utterances of the support set.

    Weights that no linear layer or convolution uses are left out. Raises Unsupported without
    speech, for a network without such layers, and for a layer with too many inputs; Diverged for
    inputs that are not finite.
    """
    support = subject.speech("gptq")
    network = subject.network().to(support.device)
    # One utterance at a time, because padding would count as speech.
    batches = [support.task.batch(1) for _ in range(min(utterances, len(support.task)))]
    uses = _uses(network, batches[0])
    names = [name for name in uses if name in grids]
    if not names:
        raise Unsupported("gptq finds no linear layer and no convolution in this model")
    rounded = {}
    for done, name in enumerate(names):
        parameter = network.get_parameter(name)
        hessians = _hessians(network, batches, name, uses[name])
        values = gptq(parameter.detach().cpu(), hessians.cpu(), grids[name])
        with torch.no_grad():
            parameter.copy_(values)
        rounded[name] = values
        support.progress(done + 1, len(names))
    return rounded


@torch.no_grad()
def _uses(network: SpeechNetwork, batch: Batch) -> Counter[str]:
    """How often an utterance uses each weight, in the order of first use."""
    uses: Counter[str] = Counter()
    with Inputs(network, lambda name, _: uses.update([name])):
        network.scores(batch)
    return uses


@torch.no_grad()
def _hessians(network: SpeechNetwork, batches: list[Batch], name: str, uses: int) -> Tensor:
    """Sums of products of the inputs of the weight `name`, (G, F, F) float64."""
    sums: list[Tensor] = []
    count = 0

    def add_products(other: str, inputs: Callable[[], Tensor]) -> None:
        nonlocal count
        if other != name:
            return
        columns = inputs().double()
        if columns.shape[1] > WIDEST:
            raise Unsupported(
                f"gptq: {name} has {columns.shape[1]} inputs, and a Hessian of more than {WIDEST}"
                " would not fit; use rounding: nearest"
            )
        products = columns @ columns.transpose(1, 2)
        sums[:] = [sums[0] + products] if sums else [products]
        count += 1
        if count % uses == 0:
            raise _StopForward

    for batch in batches:
        try:
            with Inputs(network, add_products):
                network.scores(batch)
        except _StopForward:
            continue
    if not bool(sums[0].isfinite().all()):
        raise Diverged(f"gptq: the inputs of {name} are infinite or not a number")
    return sums[0]
