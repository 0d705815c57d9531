"""Fitting the table of a codebook to values (k-means)."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmark.compression.storage.encodings.codebook import Codebook
from benchmark.errors import Unsupported

Values = NDArray[np.float64]

Start = Literal["linear", "k-means++"]
"""Initial centres: evenly spaced over the range of the values, or drawn far apart."""

ROUNDS = 300

HALF_LIMIT = 65520.0
"""The first value that float16 rounds to infinity."""


class Clusters(NamedTuple):
    """Centres (K,), ascending, and the sum of squared distances to the nearest of them."""

    centres: Values
    inertia: float


def fit_codebook(values: Tensor, entries: int, start: Start, seed: int) -> Codebook:
    """A codebook of at most `entries` for `values`.

    If some values are zero, one entry is zero, which preserves pruning. If there are no more
    distinct values than entries, all of them are in the table, as float16. Raises Unsupported for
    values beyond the range of that type.
    """
    flat = values.flatten().double().numpy()
    rest = np.sort(flat[flat != 0])
    zeros = [0.0] if len(rest) < len(flat) else []
    distinct = np.unique(rest)
    room = entries - len(zeros)
    if len(distinct) > room:
        distinct = lloyd(rest, starting_points(rest, room, start, seed)).centres
    largest = float(np.abs(distinct).max(initial=0.0))
    if largest >= HALF_LIMIT:
        raise Unsupported(f"a weight of {largest:g} is too large for a table of float16")
    table = np.unique(np.append(distinct, zeros).astype(np.float16))
    return Codebook(torch.from_numpy(table))


def starting_points(ordered: Values, count: int, start: Start, seed: int) -> Values:
    """`count` centres for `ordered` values, ascending."""
    if start == "linear":
        return np.linspace(ordered[0], ordered[-1], count)
    random = np.random.default_rng(seed)
    centres = [ordered[random.integers(len(ordered))]]
    nearest = np.full(len(ordered), np.inf)
    for _ in range(count - 1):
        # The next centre is drawn with a probability proportional to the squared distance.
        nearest = np.minimum(nearest, (ordered - centres[-1]) ** 2)
        place = np.searchsorted(nearest.cumsum(), random.random() * nearest.sum(), side="right")
        centres.append(ordered[min(place, len(ordered) - 1)])
    return np.sort(centres)


def lloyd(ordered: Values, centres: Values) -> Clusters:
    """k-means of `ordered` values from `centres`, until no value moves or for `ROUNDS` rounds.

    In one dimension a cluster is an interval of the ordered values, so a round takes K searches. An
    empty centre moves to the value that is furthest from its own centre, as in scikit-learn.
    """
    running = np.append(0.0, ordered.cumsum())
    edges = _edges(ordered, centres)
    for _ in range(ROUNDS):
        sizes, sums = np.diff(edges), np.diff(running[edges])
        if (empty := np.flatnonzero(sizes == 0)).size:
            owners = np.arange(len(centres)).repeat(sizes)
            distances = (ordered - centres[owners]) ** 2
            furthest = distances.argsort(kind="stable")[::-1][: len(empty)]
            np.subtract.at(sums, owners[furthest], ordered[furthest])
            np.subtract.at(sizes, owners[furthest], 1)
            sums[empty], sizes[empty] = ordered[furthest], 1
        centres = np.sort(np.where(sizes > 0, sums / np.maximum(sizes, 1), centres))
        before, edges = edges, _edges(ordered, centres)
        if np.array_equal(before, edges):
            break
    distances = (ordered - centres.repeat(np.diff(edges))) ** 2
    return Clusters(centres, float(distances.sum()))


def _edges(ordered: Values, centres: Values) -> NDArray[np.intp]:
    """The boundaries, (K + 1,), between the values nearest to each centre."""
    between = np.searchsorted(ordered, (centres[1:] + centres[:-1]) / 2, side="right")
    return np.concatenate([[0], between, [len(ordered)]])
