"""Augmentation of waveforms and features.

All random numbers come from one CPU generator, so a seed gives the same speech on every device.
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor
from torch.nn import functional
from torchaudio.functional import resample

from benchmark.data.augmentation import Augmentation
from benchmark.data.base import SAMPLE_RATE

NOISE_RANGE_DB = 20.0


def perturb_waveform(waveform: Tensor, settings: Augmentation, generator: Generator) -> Tensor:
    """The waveform (L,) of one utterance, changed; speed and crop change its length."""
    if settings.speed:
        waveform = _speed(waveform, _symmetric(settings.speed, generator))
    if settings.crop:
        waveform = _crop(waveform, settings.crop, generator)
    if settings.rotate_ms:
        waveform = waveform.roll(_samples(_symmetric(settings.rotate_ms, generator)))
    if settings.shift_ms:
        waveform = _shift(waveform, _samples(_symmetric(settings.shift_ms, generator)))
    if settings.noise_snr_db is not None:
        snr_db = settings.noise_snr_db + NOISE_RANGE_DB * _uniform(generator)
        waveform = _add_noise(waveform, snr_db, generator)
    return waveform


def mask_features(
    features: Tensor,
    frames: Tensor,
    settings: Augmentation,
    generator: Generator,
    frames_per_hop: int = 1,
) -> Tensor:
    """Features (N, T, F) with random spans of frames and of bands set to 0, their mean.

    A time mask covers at most half of an utterance's frames (N,). If frames are samples, it has the
    same duration. A waveform, F = 1, has no bands to mask.
    """
    num_utterances, num_frames, num_bands = features.shape
    freq_masks = settings.freq_masks if num_bands > 1 else 0
    if not settings.time_masks and not freq_masks:
        return features
    frames = frames.cpu()
    longest = settings.time_mask_frames * frames_per_hop
    hidden_frames = _spans(frames, (frames // 2).clamp(max=longest), settings.time_masks, generator)
    bands = torch.full((num_utterances,), num_bands)
    hidden_bands = _spans(bands, bands.clamp(max=settings.freq_mask_bands), freq_masks, generator)
    shown_frames = ~_cover(hidden_frames, num_frames)[:, :, None].to(features.device)
    shown_bands = ~_cover(hidden_bands, num_bands)[:, None, :].to(features.device)
    return features * (shown_frames & shown_bands)


def _uniform(generator: Generator) -> float:
    return torch.rand((), generator=generator).item()


def _symmetric(largest: float, generator: Generator) -> float:
    return largest * (2 * _uniform(generator) - 1)


def _samples(milliseconds: float) -> int:
    return round(milliseconds * SAMPLE_RATE / 1000)


def _speed(waveform: Tensor, change: float) -> Tensor:
    # Whole percentages keep the resampling filter short.
    resampled: Tensor = resample(waveform, 100 + round(100 * change), 100)
    return resampled


def _crop(waveform: Tensor, largest: float, generator: Generator) -> Tensor:
    cut = int(len(waveform) * largest * _uniform(generator))
    start = round(cut * _uniform(generator))
    return waveform[start : len(waveform) - cut + start]


def _shift(waveform: Tensor, samples: int) -> Tensor:
    samples = max(-len(waveform), min(len(waveform), samples))
    # Negative padding removes samples.
    return functional.pad(waveform, (samples, -samples))


def _add_noise(waveform: Tensor, snr_db: float, generator: Generator) -> Tensor:
    level = waveform.square().mean().sqrt() * 10 ** (-snr_db / 20)
    return waveform + level * torch.randn(waveform.shape, generator=generator)


def _spans(sizes: Tensor, widest: Tensor, masks: int, generator: Generator) -> Tensor:
    """Start and end of random masks within sizes (N,), (N, masks, 2)."""
    chance = torch.rand(len(sizes), masks, 2, generator=generator)
    width = (chance[:, :, 0] * (widest[:, None] + 1)).long()
    start = (chance[:, :, 1] * (sizes[:, None] - width + 1)).long()
    return torch.stack([start, start + width], dim=2)


def _cover(spans: Tensor, size: int) -> Tensor:
    """A mask of the positions covered by spans (N, masks, 2), (N, size) bool."""
    places = torch.arange(size)
    return ((places >= spans[:, :, :1]) & (places < spans[:, :, 1:])).any(1)
