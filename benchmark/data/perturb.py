"""Augmentation of waveforms and features.

What it does is drawn first, from one CPU generator, so a seed gives the same speech on every
device. `speech_stack` applies it to many utterances at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional
from torchaudio.functional import resample

from benchmark.data.augmentation import Augmentation
from benchmark.data.base import SAMPLE_RATE

NOISE_RANGE_DB = 20.0

NORMAL_SPEED = 100
"""Percent. Whole percentages keep the resampling filter short."""


class Change(NamedTuple):
    """What is done to one waveform, in this order; numbers are samples unless they say otherwise.

    speed     in percent
    start     first sample that is kept of the resampled waveform, and
    length    their number
    rotation  circular shift to the right
    shift     shift to the right; silence fills the gap
    loudness  of the noise, relative to that of the waveform
    noise     (length,) with variance 1, or None
    """

    speed: int
    start: int
    length: int
    rotation: int = 0
    shift: int = 0
    loudness: float = 0.0
    noise: Tensor | None = None


@dataclass(frozen=True)
class Masks:
    """Spans of N utterances that are hidden, [start, end).

    frames  (N, masks, 2) int64
    bands   (N, masks, 2) int64
    """

    frames: Tensor
    bands: Tensor


def draw_change(num_samples: int, settings: Augmentation, generator: Generator) -> Change:
    """What happens to a waveform of this length; speed and crop change it."""
    speed, start, length, rotation, shift = NORMAL_SPEED, 0, num_samples, 0, 0
    if settings.speed:
        speed += round(100 * _symmetric(settings.speed, generator))
        length = _resampled(num_samples, speed)
    if settings.crop:
        cut = int(length * settings.crop * _uniform(generator))
        start = round(cut * _uniform(generator))
        length -= cut
    if settings.rotate_ms:
        rotation = _samples(_symmetric(settings.rotate_ms, generator))
    if settings.shift_ms:
        shift = _samples(_symmetric(settings.shift_ms, generator))
        shift = max(-length, min(length, shift))
    if settings.noise_snr_db is None:
        return Change(speed, start, length, rotation, shift)
    loudness = 10 ** (-(settings.noise_snr_db + NOISE_RANGE_DB * _uniform(generator)) / 20)
    noise = torch.randn(length, generator=generator)
    return Change(speed, start, length, rotation, shift, loudness, noise)


def perturb_waveform(waveform: Tensor, change: Change) -> Tensor:
    """The waveform (L,) of one utterance, changed."""
    if change.speed != NORMAL_SPEED:
        waveform = resample(waveform, change.speed, NORMAL_SPEED)
    waveform = waveform[change.start : change.start + change.length]
    if change.rotation:
        waveform = waveform.roll(change.rotation)
    if change.shift:
        # Negative padding removes samples.
        waveform = functional.pad(waveform, (change.shift, -change.shift))
    if change.noise is not None:
        waveform = waveform + waveform.square().mean().sqrt() * change.loudness * change.noise
    return waveform


def draw_masks(
    frames: Tensor,
    num_bands: int,
    settings: Augmentation,
    generator: Generator,
    frames_per_hop: int = 1,
) -> Masks:
    """What to hide of utterances of these numbers of frames (N,), on the CPU.

    A time mask covers at most half of an utterance's frames. If frames are samples, it has the same
    duration. A waveform, `num_bands` 1, has no bands to mask.
    """
    freq_masks = settings.freq_masks if num_bands > 1 else 0
    longest = settings.time_mask_frames * frames_per_hop
    hidden_frames = _spans(frames, (frames // 2).clamp(max=longest), settings.time_masks, generator)
    bands = torch.full((len(frames),), num_bands)
    hidden_bands = _spans(bands, bands.clamp(max=settings.freq_mask_bands), freq_masks, generator)
    return Masks(hidden_frames, hidden_bands)


def mask_features(features: Tensor, masks: Masks) -> Tensor:
    """Features (N, T, F) with the spans set to 0, their mean."""
    shown_frames = ~_cover(masks.frames, features.shape[1])[:, :, None]
    shown_bands = ~_cover(masks.bands, features.shape[2])[:, None, :]
    return features * (shown_frames & shown_bands)


def _uniform(generator: Generator) -> float:
    return torch.rand((), generator=generator).item()


def _symmetric(largest: float, generator: Generator) -> float:
    return largest * (2 * _uniform(generator) - 1)


def _samples(milliseconds: float) -> int:
    return round(milliseconds * SAMPLE_RATE / 1000)


def _resampled(num_samples: int, speed: int) -> int:
    """The length that `resample` gives, which rounds to float32."""
    common = math.gcd(speed, NORMAL_SPEED)
    return math.ceil(np.float32((NORMAL_SPEED // common) * num_samples / (speed // common)))


def _spans(sizes: Tensor, widest: Tensor, masks: int, generator: Generator) -> Tensor:
    """Start and end of random masks within sizes (N,), (N, masks, 2)."""
    chance = torch.rand(len(sizes), masks, 2, generator=generator)
    width = (chance[:, :, 0] * (widest[:, None] + 1)).long()
    start = (chance[:, :, 1] * (sizes[:, None] - width + 1)).long()
    return torch.stack([start, start + width], dim=2)


def _cover(spans: Tensor, size: int) -> Tensor:
    """A mask of the positions covered by spans (N, masks, 2), (N, size) bool."""
    places = torch.arange(size, device=spans.device)
    return ((places >= spans[:, :, :1]) & (places < spans[:, :, 1:])).any(1)
