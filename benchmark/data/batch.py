"""The one kind of batch that models see."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass
class Batch:
    """Utterances as a front end gives them, with their targets, padded with zeros.

    features        (N, T, F) float: log-mel frames, or for a model that hears waveforms samples,
                    with F = 1
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
