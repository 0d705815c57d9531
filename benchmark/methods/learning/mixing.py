"""One batch from several languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor

from benchmark.data.batch import Batch
from benchmark.methods.learning.training import MetaTraining


def mixed_batch(training: MetaTraining, size: int) -> Batch:
    """`size` utterances, each of a language drawn uniformly."""
    drawn = Counter(id(task) for task in training.draw(size))
    parts = [
        task.batch(min(drawn[id(task)], len(task))) for task in training.tasks if drawn[id(task)]
    ]
    return concatenate(parts)


def concatenate(batches: Sequence[Batch]) -> Batch:
    """All utterances of `batches` in one, padded with zeros to the longest."""
    return Batch(
        features=_stack([batch.features for batch in batches]),
        lengths=torch.cat([batch.lengths for batch in batches]),
        targets=_stack([batch.targets for batch in batches]),
        target_lengths=torch.cat([batch.target_lengths for batch in batches]),
    )


def _stack(tensors: Sequence[Tensor]) -> Tensor:
    """Concatenate along the first dimension, padding the second with zeros at its end."""
    longest = max(tensor.shape[1] for tensor in tensors)
    shape = (sum(tensor.shape[0] for tensor in tensors), longest, *tensors[0].shape[2:])
    stacked = tensors[0].new_zeros(shape)
    row = 0
    for tensor in tensors:
        stacked[row : row + tensor.shape[0], : tensor.shape[1]] = tensor
        row += tensor.shape[0]
    return stacked
