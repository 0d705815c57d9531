"""Batches for runtimes that run one utterance at a time."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from benchmark.data.batch import Batch
from benchmark.models.networks.base import Encoded


def run_one_by_one(batch: Batch, scores: Callable[[Tensor], Tensor]) -> Encoded:
    """Scores of a batch by a function from features (1, T, F) to scores (1, T', C)."""
    utterances = zip(batch.features, batch.lengths.tolist(), strict=True)
    scored = [scores(features[None, :length])[0] for features, length in utterances]
    return Encoded(
        pad_sequence(scored, batch_first=True), torch.tensor([len(frames) for frames in scored])
    )
