"""Several batches as one."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from benchmark.data.batch import Batch


def concatenate(batches: Sequence[Batch]) -> Batch:
    """All utterances of `batches` in one, padded with zeros to the longest."""
    return Batch(
        features=_concatenate([batch.features for batch in batches]),
        lengths=torch.cat([batch.lengths for batch in batches]),
        targets=_concatenate([batch.targets for batch in batches]),
        target_lengths=torch.cat([batch.target_lengths for batch in batches]),
    )


def stack_batches(batches: Sequence[Batch]) -> Batch:
    """Batches (N, ...) of S learners as one of (S, N, ...), padded with zeros to the longest."""
    return Batch(
        features=_stack([batch.features for batch in batches]),
        lengths=torch.stack([batch.lengths for batch in batches]),
        targets=_stack([batch.targets for batch in batches]),
        target_lengths=torch.stack([batch.target_lengths for batch in batches]),
    )


def _stack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors (N, T, ...) as (S, N, longest T, ...)."""
    longest = max(tensor.shape[1] for tensor in tensors)
    first = tensors[0]
    whole = first.new_zeros(len(tensors), first.shape[0], longest, *first.shape[2:])
    for row, tensor in zip(whole, tensors, strict=True):
        row[:, : tensor.shape[1]] = tensor
    return whole


def _concatenate(tensors: Sequence[Tensor]) -> Tensor:
    """Concatenate along the first dimension, padding the second with zeros at its end."""
    longest = max(tensor.shape[1] for tensor in tensors)
    shape = (sum(tensor.shape[0] for tensor in tensors), longest, *tensors[0].shape[2:])
    whole = tensors[0].new_zeros(shape)
    row = 0
    for tensor in tensors:
        whole[row : row + tensor.shape[0], : tensor.shape[1]] = tensor
        row += tensor.shape[0]
    return whole
