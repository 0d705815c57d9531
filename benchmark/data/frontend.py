"""Front ends: features of waveforms, on the device of the waveforms."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchaudio.transforms import MelSpectrogram

from benchmark.data.base import SAMPLE_RATE
from benchmark.data.features import Features, InputType

FLOOR = 1e-6
"""Added to mel energies before the logarithm, with samples in [-1, 1]."""

DEVIATION_FLOOR = 1e-2
"""Added to the standard deviation of a band before the division."""


class PaddedFeatures(NamedTuple):
    """Features (N, T, F), zero in the padding, and the number of frames (N,) int64."""

    features: Tensor
    frames: Tensor


class FrontEnd(nn.Module, ABC):
    """Computes features of waveforms; the utterances of a batch do not affect each other."""

    frames_per_hop: int
    """Frames per hop of the settings."""

    num_features: int
    """Numbers per frame."""

    @abstractmethod
    def frames(self, lengths: Tensor) -> Tensor:
        """Number of frames (N,) of waveforms with these lengths (N,) in samples."""

    @abstractmethod
    def forward(self, waveforms: Tensor, lengths: Tensor) -> PaddedFeatures:
        """Features of waveforms (N, L) float32 in [-1, 1] with these lengths (N,) in samples.

        Samples beyond the length of an utterance must be zero.
        """


class LogMel(FrontEnd):
    """Log-mel energies, normalised per band to mean 0 and variance 1 over an utterance.

    A frame contains only samples of its utterance. An utterance shorter than a window is padded
    with silence.
    """

    frames_per_hop = 1

    def __init__(self, settings: Features) -> None:
        super().__init__()
        self.hop = _hop(settings)
        window = round(settings.window_ms * SAMPLE_RATE / 1000)
        self.num_features = settings.mels
        # A power of two is fastest, and gives low bands more than one bin.
        self.span = 1 << (window - 1).bit_length()
        self.mel = MelSpectrogram(
            SAMPLE_RATE,
            n_fft=self.span,
            win_length=window,
            hop_length=self.hop,
            n_mels=settings.mels,
            center=False,
        )

    def frames(self, lengths: Tensor) -> Tensor:
        return 1 + (lengths.clamp(min=self.span) - self.span) // self.hop

    def forward(self, waveforms: Tensor, lengths: Tensor) -> PaddedFeatures:
        waveforms = functional.pad(waveforms, (0, max(0, self.span - waveforms.shape[1])))
        frames = self.frames(lengths)
        energies = (self.mel(waveforms) + FLOOR).log().transpose(1, 2)
        steps = torch.arange(energies.shape[1], device=frames.device)
        mask = (steps < frames[:, None])[:, :, None]
        count = frames[:, None, None]
        mean = (energies * mask).sum(1, keepdim=True) / count
        centred = (energies - mean) * mask
        deviation = (centred.square().sum(1, keepdim=True) / count).sqrt()
        return PaddedFeatures(centred / (deviation + DEVIATION_FLOOR), frames)


class Waveform(FrontEnd):
    """The samples themselves, (N, L, 1), with mean 0 and variance 1 over an utterance.

    This matches `Wav2Vec2FeatureExtractor` of transformers. A frame is a sample.
    """

    num_features = 1

    def __init__(self, settings: Features) -> None:
        super().__init__()
        self.frames_per_hop = _hop(settings)

    def frames(self, lengths: Tensor) -> Tensor:
        return lengths

    def forward(self, waveforms: Tensor, lengths: Tensor) -> PaddedFeatures:
        real = torch.arange(waveforms.shape[1], device=lengths.device) < lengths[:, None]
        count = lengths[:, None].clamp(min=1).to(waveforms.dtype)
        mean = (waveforms * real).sum(1, keepdim=True) / count
        centred = (waveforms - mean) * real
        variance = centred.square().sum(1, keepdim=True) / count
        return PaddedFeatures((centred / (variance + 1e-7).sqrt())[:, :, None], lengths)


def front_end(input_type: InputType, settings: Features) -> FrontEnd:
    """The front end for an input type."""
    return Waveform(settings) if input_type == "waveform" else LogMel(settings)


def _hop(settings: Features) -> int:
    """Samples between analysis windows."""
    return round(settings.hop_ms * SAMPLE_RATE / 1000)
