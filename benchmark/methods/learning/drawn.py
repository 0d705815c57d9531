"""What a step draws: batches and tensors, in lists and tuples of any depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from torch import Tensor
from torch.nn.functional import pad

from benchmark.data.batch import Batch
from benchmark.data.buckets import Buckets, Shape, around


def flat(drawn: Any) -> Iterator[Any]:
    """All that is in lists and tuples."""
    if isinstance(drawn, tuple | list):
        for each in drawn:
            yield from flat(each)
    else:
        yield drawn


def mapped(drawn: Any, change: Callable[[Any], Any]) -> Any:
    """The same with all that is in lists and tuples changed."""
    if isinstance(drawn, tuple | list):
        return [mapped(each, change) for each in drawn]
    return change(drawn)


def tensors_of(drawn: Any) -> list[Tensor]:
    """All tensors, in a fixed order."""
    tensors = []
    for each in flat(drawn):
        if isinstance(each, Batch):
            tensors += [each.features, each.lengths, each.targets, each.target_lengths]
        elif isinstance(each, Tensor):
            tensors.append(each)
    return tensors


def copied(drawn: Any) -> Any:
    """The same with tensors in memory of their own."""

    def copy(each: Any) -> Any:
        if isinstance(each, Batch):
            return Batch(*(tensor.clone() for tensor in tensors_of(each)))
        return each.clone() if isinstance(each, Tensor) else each

    return mapped(drawn, copy)


def shapes_of(drawn: Any) -> list[Shape]:
    """The shapes of all batches."""
    batches = [each for each in flat(drawn) if isinstance(each, Batch)]
    return [Shape(b.features.shape[-3], b.features.shape[-2], b.targets.shape[-1]) for b in batches]


def padded(drawn: Any, buckets: Buckets) -> Any:
    """The same with all batches padded to the same frames and units, few numbers of each."""
    shapes = shapes_of(drawn)
    if not shapes:
        return drawn
    common = buckets.padded(around(shapes))

    def fill(each: Any) -> Any:
        if not isinstance(each, Batch):
            return each
        return replace(
            each,
            features=pad(each.features, (0, 0, 0, common.frames - each.features.shape[-2])),
            targets=pad(each.targets, (0, common.units - each.targets.shape[-1])),
        )

    return mapped(drawn, fill)
