"""Networks that emit a unit or a blank per frame and are trained with CTC."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Tensor, nn

from benchmark.data.batch import Batch
from benchmark.models.networks.base import Decoded, Encoded, SpeechNetwork
from benchmark.models.networks.ctc_loss import ctc_slope, mean_ctc_loss

SILENCES = 8
"""Batch size for the silent utterances with which output lengths are computed."""


class CTCNetwork(SpeechNetwork):
    """An encoder and an output layer whose rows are [blank, unit 0, unit 1, ...]."""

    first_unit: ClassVar[int] = 1

    def __init__(self, width: int, num_units: int) -> None:
        super().__init__()
        self.output = nn.Linear(width, 1 + num_units)

    @abstractmethod
    def hidden(self, features: Tensor, lengths: Tensor) -> Encoded:
        """Hidden frames of features (N, T, F) with these lengths (N,)."""

    def output_frames(self, lengths: Tensor, num_features: int) -> Tensor:
        """Computed by encoding silence of these lengths; networks override it with a formula."""
        device, training = self.output.weight.device, self.training
        distinct, where = torch.unique(lengths, return_inverse=True)
        frames_by_length = []
        self.eval()
        with torch.no_grad():
            for some in distinct.to(device).split(SILENCES):
                silence = torch.zeros(len(some), int(some.max()), num_features, device=device)
                frames_by_length.append(self.hidden(silence, some).lengths.cpu())
        self.train(training)
        return torch.cat(frames_by_length)[where]

    def encode(self, batch: Batch) -> Encoded:
        return self.hidden(batch.features, batch.lengths)

    def head_loss(self, encoded: Encoded, batch: Batch) -> Tensor:
        """Mean over utterances of the CTC loss per unit; 0 for those too short for their text."""
        logits = self.output(encoded.frames)
        return mean_ctc_loss(logits, encoded.lengths, batch.targets + 1, batch.target_lengths)

    def assign(self, encoded: Encoded, batch: Batch) -> Tensor:
        """Posteriors of the units over all alignments of the targets (Graves et al. 2006, 4.1)."""
        frames = encoded.frames.detach().to(self.output.weight.dtype)
        logits = self.output(frames).detach()
        slope = ctc_slope(logits, encoded.lengths, batch.targets + 1, batch.target_lengths)
        # The gradient of the loss with respect to the logits is their softmax minus the posteriors.
        labelled = slope.abs().sum(2, keepdim=True) > 0
        posteriors: Tensor = (logits.softmax(2) - slope) * labelled
        return posteriors[:, :, 1:].clamp(min=0)

    @staticmethod
    def decode(scores: Encoded) -> list[Decoded]:
        """The best class of each frame, with repeats collapsed and blanks removed."""
        best = scores.frames.argmax(-1).cpu()
        return [
            collapse(classes[:length])
            for classes, length in zip(best, scores.lengths.tolist(), strict=True)
        ]


def collapse(classes: Tensor) -> Decoded:
    """The units that the classes (T,) of an utterance's frames collapse to."""
    kept = torch.unique_consecutive(classes)
    units: list[int] = (kept[kept > 0] - 1).tolist()
    return Decoded(units, (classes == 0).double().mean().item())
