"""Few shapes for batches, since a step is captured once for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

STEPS = 4
"""Buckets per doubling: lengths grow by a fifth on average, so padding is a tenth."""

MOST = 6
"""Shapes of the batches of a suite."""


def bucket(length: int) -> int:
    """The smallest length of a few, `STEPS` per doubling, that is not below `length`."""
    if length <= STEPS:
        return max(1, length)
    unit = 1 << ((length - 1).bit_length() - 1 - (STEPS.bit_length() - 1))
    return -(-length // unit) * unit


class Shape(NamedTuple):
    """A batch: its number of utterances, and the most frames and units of one of them."""

    size: int
    frames: int
    units: int


def around(shapes: Iterable[Shape]) -> Shape:
    """The smallest shape that holds any of these."""
    return Shape(*map(max, zip(*shapes, strict=True)))


@dataclass(frozen=True)
class Buckets:
    """The shapes that batches are padded to, by their number of utterances, in ascending order.

    Batches that exceed all of them are padded to lengths of `bucket`.
    """

    shapes: Mapping[int, Sequence[Shape]]

    @classmethod
    def fit(cls, batches: Iterable[Shape], most: int = MOST) -> Buckets:
        """Shapes that hold these batches with little padding: `most`, or one for each number of
        utterances."""
        by_size: dict[int, list[Shape]] = {}
        for batch in batches:
            by_size.setdefault(batch.size, []).append(batch)
        levels = {
            size: _levels(np.array([batch.frames for batch in alike]), most)
            for size, alike in by_size.items()
        }
        counts = dict.fromkeys(by_size, 1)

        def saved(size: int) -> int:
            """Frames of padding that one more shape saves."""
            now, *more = levels[size][counts[size] - 1 : counts[size] + 1]
            return size * (now.padding - more[0].padding) if more else 0

        while sum(counts.values()) < most and saved(best := max(counts, key=saved)):
            counts[best] += 1
        return cls(
            {
                size: _shapes(alike, levels[size][counts[size] - 1].tops)
                for size, alike in by_size.items()
            }
        )

    def padded(self, batch: Shape) -> Shape:
        """The shape that a batch is padded to."""
        for shape in self.shapes.get(batch.size, ()):
            if batch.frames <= shape.frames and batch.units <= shape.units:
                return shape
        return Shape(batch.size, bucket(batch.frames), bucket(batch.units))


class _Levels(NamedTuple):
    """Numbers of frames to pad to, and what that adds to the frames of all batches."""

    padding: int
    tops: list[int]


def _levels(frames: NDArray[np.int64], most: int) -> list[_Levels]:
    """The best levels, first one, then two, up to `most`, for batches of these numbers of frames.

    This is dynamic programming: the best k levels up to a length end with one that reaches down to
    the best k - 1 below it.
    """
    values, counts = np.unique(frames, return_counts=True)
    upto = np.concatenate([[0], np.cumsum(counts)])
    total = np.concatenate([[0], np.cumsum(counts * values)])
    ends = np.arange(1, len(values) + 1)
    padding = values * upto[1:] - total[1:]
    tops = [[int(value)] for value in values]
    found = [_Levels(int(padding[-1]), tops[-1])]
    for _ in range(min(most, len(values)) - 1):
        # Groups from i + 1 to j: what j pads of them, after the best levels up to i.
        cost = values * (upto[ends] - upto[ends][:, None]) - (total[ends] - total[ends][:, None])
        cost = np.where(ends > ends[:, None], cost + padding[:, None], np.iinfo(np.int64).max)
        before = cost.argmin(0)
        reached = cost[before, np.arange(len(values))]
        tops = [
            [*tops[i], int(values[j])] if reached[j] < padding[j] else tops[j]
            for j, i in enumerate(before)
        ]
        padding = np.minimum(padding, reached)
        found.append(_Levels(int(padding[-1]), tops[-1]))
    return found


def _shapes(batches: Sequence[Shape], tops: Sequence[int]) -> list[Shape]:
    """The smallest shapes with these numbers of frames that hold the batches, each within the
    next."""
    size = batches[0].size
    bounds = zip([0, *tops], tops, strict=False)
    units = [
        max((batch.units for batch in batches if low < batch.frames <= high), default=0)
        for low, high in bounds
    ]
    return [Shape(size, top, most) for top, most in zip(tops, accumulate(units, max), strict=True)]
