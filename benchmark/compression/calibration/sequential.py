"""GPTQ over a whole network: each layer is calibrated on what those before it, rounded, pass on."""

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
"""Inputs of a layer beyond which its Hessian would take more than half a gigabyte."""


class _Enough(Exception):
    """A layer has been heard as often as an utterance uses it: what follows is of no interest."""


def quantise_sequentially(
    subject: Subject, grids: Mapping[str, Uniform], utterances: int
) -> dict[str, Tensor]:
    """Values on `grids`, by name, calibrated on so many utterances of the support set.

    Weights that no linear layer or convolution uses are left out. Raises Unsupported without
    speech, where nothing is heard, and for a layer with too many inputs; Diverged for inputs that
    are not finite.
    """
    support = subject.speech("gptq")
    network = subject.network().to(support.device)
    # One utterance at a time has no padding, which would count as speech.
    batches = [support.task.batch(1) for _ in range(min(utterances, len(support.task)))]
    uses = _uses(network, batches[0])
    names = [name for name in uses if name in grids]
    if not names:
        raise Unsupported("gptq finds no linear layer and no convolution in this model")
    found = {}
    for done, name in enumerate(names):
        parameter = network.get_parameter(name)
        hessians = _hessians(network, batches, name, uses[name])
        values = gptq(parameter.detach().cpu(), hessians.cpu(), grids[name])
        with torch.no_grad():
            parameter.copy_(values)
        found[name] = values
        support.progress(done + 1, len(names))
    return found


@torch.no_grad()
def _uses(network: SpeechNetwork, batch: Batch) -> Counter[str]:
    """How often an utterance uses each weight, in the order of first use."""
    uses: Counter[str] = Counter()
    with Inputs(network, lambda name, _: uses.update([name])):
        network.scores(batch)
    return uses


@torch.no_grad()
def _hessians(network: SpeechNetwork, batches: list[Batch], name: str, uses: int) -> Tensor:
    """Sums of products of the inputs that the weight called `name` sees, (G, F, F) float64."""
    sums: list[Tensor] = []
    heard = 0

    def listen(other: str, inputs: Callable[[], Tensor]) -> None:
        nonlocal heard
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
        heard += 1
        if heard % uses == 0:
            raise _Enough

    for batch in batches:
        try:
            with Inputs(network, listen):
                network.scores(batch)
        except _Enough:
            continue
    if not bool(sums[0].isfinite().all()):
        raise Diverged(f"gptq: the inputs of {name} are infinite or not a number")
    return sums[0]
