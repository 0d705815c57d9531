"""Waveforms of many utterances, picked and resampled at once on a device."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torchaudio.transforms import Resample

from benchmark.data.perturb import NORMAL_SPEED


def gather(
    source: Tensor,
    start: Tensor,
    length: Tensor,
    width: int,
    rotation: Tensor | None = None,
    shift: Tensor | None = None,
) -> Tensor:
    """Waveforms (N, `width`) that begin at `start` (N,) in `source` (any,) and have `length` (N,).

    They are rotated and shifted to the right by these numbers of samples (N,). What is beyond them
    is silent.
    """
    times = torch.arange(width, device=source.device)
    real, places = times < length[:, None], times
    if shift is not None:
        places = times - shift[:, None]
        real = real & (places >= 0) & (places < length[:, None])
    if rotation is not None:
        places = (places - rotation[:, None]) % length[:, None]
    return torch.where(real, source[torch.where(real, start[:, None] + places, 0)], 0)


def at_speeds(waveforms: Tensor, order: Tensor, speeds: NDArray[np.int64]) -> Tensor:
    """Waveforms (N, L) at other speeds, in percent, one group of equal speeds after the other.

    Row i of the result is row `order[i]` (N,) at `speeds[i]`, which are sorted. A waveform is
    followed by what the filter makes of its end.
    """
    values, counts = np.unique(speeds, return_counts=True)
    groups = torch.split(waveforms[order], counts.tolist())
    parts = [
        _resample(int(speed), waveforms.device)(group)
        for speed, group in zip(values, groups, strict=True)
    ]
    longest = max(part.shape[1] for part in parts)
    return torch.cat([functional.pad(part, (0, longest - part.shape[1])) for part in parts])


@lru_cache(maxsize=128)
def _resample(speed: int, device: torch.device) -> Resample:
    return Resample(speed, NORMAL_SPEED, dtype=torch.float32).to(device)
