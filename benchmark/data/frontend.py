"""Waveforms to log-mel features, on whatever device they lie."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchaudio.transforms import MelSpectrogram

from benchmark.data.base import SAMPLE_RATE
from benchmark.data.features import Features

FLOOR = 1e-6
"""Added to mel energies before the logarithm, with samples in [-1, 1]."""


class LogMelFeatures(NamedTuple):
    """Features (N, T, F), zero in the padding, and the frames of each utterance (N,) int64."""

    features: Tensor
    frames: Tensor


class LogMel(nn.Module):
    """Log-mel energies, normalised per band to mean 0 and variance 1 over an utterance.

    A frame sees real samples alone, and an utterance never feels its batch mates.
    """

    def __init__(self, settings: Features) -> None:
        super().__init__()
        self.hop = round(settings.hop_ms * SAMPLE_RATE / 1000)
        window = round(settings.window_ms * SAMPLE_RATE / 1000)
        self.num_features = settings.mels
        # A power of two gives low bands more than one bin, and the transform its best speed.
        self.span = 1 << (window - 1).bit_length()
        self.mel = MelSpectrogram(
            SAMPLE_RATE,
            n_fft=self.span,
            win_length=window,
            hop_length=self.hop,
            n_mels=settings.mels,
            center=False,
        )

    def forward(self, waveforms: Tensor, lengths: Tensor) -> LogMelFeatures:
        """Features of waveforms (N, L) float32 in [-1, 1] with these lengths (N,) in samples.

        What lies beyond an utterance's length must be zero; one shorter than a window is taken
        to be followed by silence.
        """
        lengths = lengths.clamp(min=self.span)
        waveforms = functional.pad(waveforms, (0, max(0, self.span - waveforms.shape[1])))
        frames = 1 + (lengths - self.span) // self.hop
        energies = (self.mel(waveforms) + FLOOR).log().transpose(1, 2)
        steps = torch.arange(energies.shape[1], device=frames.device)
        mask = (steps < frames[:, None])[:, :, None]
        count = frames[:, None, None]
        mean = (energies * mask).sum(1, keepdim=True) / count
        centred = (energies - mean) * mask
        deviation = (centred.square().sum(1, keepdim=True) / count).sqrt()
        return LogMelFeatures(centred / (deviation + 1e-2), frames)
