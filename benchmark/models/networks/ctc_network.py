"""Networks that emit a unit or a blank per frame and learn by CTC."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor, nn

from benchmark.data.batch import Batch
from benchmark.models.networks.base import Decoded, SpeechNetwork
from benchmark.models.networks.ctc_loss import mean_ctc_loss
from benchmark.models.networks.output import grow_rows


class Encoded(NamedTuple):
    """Hidden frames (N, T, D) and how many of them are real (N,)."""

    frames: Tensor
    lengths: Tensor


class CTCNetwork(SpeechNetwork):
    """An encoder and an output layer whose rows are [blank, unit 0, unit 1, ...]."""

    def __init__(self, width: int, num_units: int) -> None:
        super().__init__()
        self.output = nn.Linear(width, 1 + num_units)

    @abstractmethod
    def encode(self, features: Tensor, lengths: Tensor) -> Encoded:
        """Hidden frames of features (N, T, F) with these lengths (N,)."""

    def loss(self, batch: Batch) -> Tensor:
        """Mean over utterances of the CTC loss per unit; 0 for those too short for their text."""
        frames, lengths = self.encode(batch.features, batch.lengths)
        return mean_ctc_loss(self.output(frames), lengths, batch.targets + 1, batch.target_lengths)

    @torch.no_grad()
    def transcribe(self, batch: Batch) -> list[Decoded]:
        """The best class of each frame, repeats collapsed and blanks left out."""
        frames, lengths = self.encode(batch.features, batch.lengths)
        best = self.output(frames).argmax(-1).cpu()
        return [
            collapse(classes[:length])
            for classes, length in zip(best, lengths.tolist(), strict=True)
        ]

    def grow(self, num_units: int) -> None:
        grow_rows(self.output, 1 + num_units, first_unit=1)


def collapse(classes: Tensor) -> Decoded:
    """Units that the classes (T,) of an utterance's frames spell."""
    kept = torch.unique_consecutive(classes)
    units: list[int] = (kept[kept > 0] - 1).tolist()
    return Decoded(units, (classes == 0).double().mean().item())
