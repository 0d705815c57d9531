"""Fitting the grid of a uniform quantisation to values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from benchmark.compression.storage.encodings.float8 import LARGEST, SMALLEST, Float8
from benchmark.compression.storage.encodings.uniform import Uniform

Granularity = Literal["tensor", "channel", "group"]
"""What shares a step: a tensor, the weights of an output, or a group of consecutive ones."""

RangeMethod = Literal["max", "percentile", "mse"]
"""The range of a grid: up to the extreme values, up to a percentile of them, or the range with the
least squared error."""

TINY = torch.finfo(torch.bfloat16).tiny

SHRINKS = 41
"""Number of ranges tried for the least error, from the full range down to a fifth of it in equal
steps; with two bits the best is about a third."""


class ValueRange(NamedTuple):
    """The lowest and the highest value that a grid must cover, (R,) each."""

    low: Tensor
    high: Tensor


@dataclass(frozen=True)
class Grid:
    """Settings of a grid: bits, granularity, symmetry and range.

    `percentile` applies to magnitudes on a symmetric grid, otherwise to each end.
    """

    bits: int
    granularity: Granularity = "channel"
    group_size: int = 32
    symmetric: bool = True
    range_method: RangeMethod = "max"
    percentile: float = 99.9

    def fit(self, values: Tensor) -> Uniform:
        """The grid for `values`, (O, ...) with the outputs of a linear layer or convolution first.

        Groups run along all other dimensions in memory order; the last group of an output may be
        shorter.
        """
        rows = self._rows(values)
        limits = self._limits(rows)
        if self.range_method == "mse":
            limits = self._least_error(rows, limits)
        grid = self._between(limits)
        if self.granularity == "group":
            shape = [len(values), -1]
        else:
            shape = [-1] + [1] * (values.dim() - 1)
        return Uniform(
            self.bits,
            grid.scale.reshape(shape),
            None if grid.zero is None else grid.zero.reshape(shape),
            self.group_size if self.granularity == "group" else None,
        )

    def _rows(self, values: Tensor) -> Tensor:
        """The values that share a step, (R, N); NaN where a group is shorter."""
        if self.granularity == "tensor":
            return values.reshape(1, -1)
        channels = values.flatten(1)
        if self.granularity == "channel":
            return channels
        missing = -channels.shape[1] % self.group_size
        padded = functional.pad(channels, (0, missing), value=torch.nan)
        return padded.reshape(-1, self.group_size)

    def _limits(self, rows: Tensor) -> ValueRange:
        """The range to cover; it always contains 0, so that 0 can be on the grid."""
        share = self.percentile / 100 if self.range_method == "percentile" else 1.0
        if self.symmetric:
            largest = quantile(rows.abs(), share)
            return ValueRange(-largest, largest)
        return ValueRange(
            -quantile(-rows, share).clamp_min(0.0), quantile(rows, share).clamp_min(0.0)
        )

    def _least_error(self, rows: Tensor, limits: ValueRange) -> ValueRange:
        """The narrowed limits with the least squared error for each row."""
        filled = rows.nan_to_num()
        least = torch.full((len(rows),), torch.inf)
        best = torch.ones(len(rows))
        for shrink in torch.linspace(1.0, 0.2, SHRINKS).tolist():
            grid = self._between(ValueRange(limits.low * shrink, limits.high * shrink))
            error = (grid.nearest(filled) - filled).square().sum(1)
            best = torch.where(error < least, shrink, best)
            least = torch.minimum(error, least)
        return ValueRange(limits.low * best, limits.high * best)

    def _between(self, limits: ValueRange) -> Uniform:
        """The finest grid of each row that covers the limits."""
        if self.symmetric:
            step = limits.high / (2 ** (self.bits - 1) - 1)
        else:
            step = (limits.high - limits.low) / (2**self.bits - 1)
        # The step is positive even if all values are zero, so that codes need no special case.
        scale = _rounded_up(step.clamp_min(TINY))[:, None]
        if self.symmetric:
            return Uniform(self.bits, scale)
        zero = (-limits.low[:, None] / scale.float()).round().clamp(0, 2**self.bits - 1)
        return Uniform(self.bits, scale, zero.to(torch.uint8))


def float8_scale(values: Tensor) -> Float8:
    """e4m3 with a scale for each output channel that maps its largest magnitude to 448."""
    largest = values.abs().amax(tuple(range(1, values.dim())), keepdim=True)
    # Products with any e4m3 value are normal numbers, on which all machines agree.
    return Float8(_rounded_up((largest / LARGEST).clamp_min(TINY / SMALLEST)))


def quantile(rows: Tensor, share: float) -> Tensor:
    """The value below which `share` of each row (R, N) lies, (R,); NaN are left out.

    It interpolates linearly between values, like numpy. The function in torch accepts at most 16
    million values.
    """
    if share == 1.0:
        return rows.nan_to_num(nan=-torch.inf).amax(1)
    ordered = rows.sort(1).values
    place = share * ((~rows.isnan()).sum(1, keepdim=True) - 1).double()
    below = place.floor()
    low = ordered.gather(1, below.long())
    high = ordered.gather(1, place.ceil().long())
    return (low + (high - low) * (place - below)).float()[:, 0]


def _rounded_up(positive: Tensor) -> Tensor:
    """The smallest bfloat16 values that are not below `positive`."""
    rounded = positive.to(torch.bfloat16)
    above = (rounded.view(torch.int16) + 1).view(torch.bfloat16)
    return torch.where(rounded.float() < positive, above, rounded)
