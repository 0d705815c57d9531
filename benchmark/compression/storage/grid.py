"""The grid of a uniform quantisation."""

from __future__ import annotations

import torch
from torch import Tensor

from benchmark.compression.storage.encodings.uniform import Uniform


def uniform_grid(values: Tensor, bits: int, per_channel: bool) -> Uniform:
    """The finest symmetric grid of `bits` that reaches the largest magnitude of `values`.

    `values` has the output channels of a linear layer or a convolution first; `per_channel` gives
    each its own step.
    """
    others = tuple(range(1 if per_channel else 0, values.dim()))
    largest = values.abs().amax(others, keepdim=True)
    step = largest / (2 ** (bits - 1) - 1)
    # A positive step also where all values are zero, so that codes need no special case.
    return Uniform(bits, _rounded_up(step.clamp_min(torch.finfo(torch.bfloat16).tiny)))


def _rounded_up(positive: Tensor) -> Tensor:
    """The smallest bfloat16 values that are not below `positive`."""
    rounded = positive.to(torch.bfloat16)
    above = (rounded.view(torch.int16) + 1).view(torch.bfloat16)
    return torch.where(rounded.float() < positive, above, rounded)
