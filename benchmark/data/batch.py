"""The input of models: a batch of utterances."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass
class Batch:
    """Features of utterances with their targets, padded with zeros.

    features        (N, T, F) float: log-mel frames, or for waveform input samples with F = 1
    lengths         (N,) int64, frames of each utterance
    targets         (N, S) int64, indices into the model's vocabulary
    target_lengths  (N,) int64
    """

    features: Tensor
    lengths: Tensor
    targets: Tensor
    target_lengths: Tensor

    def __len__(self) -> int:
        return self.features.shape[0]
