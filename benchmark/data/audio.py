"""Decoding of audio to 16 kHz mono samples."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from benchmark.data.base import SAMPLE_RATE

LONGEST_FACTOR = 16_000
"""Largest factor of up- or downsampling; only rates coprime to 16 kHz need more."""


def decode(data: bytes, max_seconds: float) -> NDArray[np.int16]:
    """Samples (S,) of a WAV, FLAC, Ogg or MP3 file: channels averaged, resampled, int16.

    It reads at most one second beyond `max_seconds`, to limit memory for very long files. Raises
    ValueError with the reason why audio cannot be used (see `sound`).
    """
    from benchmark.data.sound import read

    return _int16(resample(*read(data, max_seconds)))


def resample(samples: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Samples (S,) at `rate` Hz as samples at 16 kHz, by a polyphase windowed-sinc filter.

    It computes in float64, so that the later rounding to int16, and so the digest of the audio,
    does not depend on the processor. Raises ValueError for a rate that needs a very long filter.
    """
    if rate == SAMPLE_RATE or not len(samples):
        return samples
    from scipy.signal import resample_poly

    common = math.gcd(rate, SAMPLE_RATE)
    if max(rate, SAMPLE_RATE) // common > LONGEST_FACTOR:
        raise ValueError(f"unusual sample rate of {rate} Hz")
    resampled: NDArray[np.float64] = resample_poly(samples, SAMPLE_RATE // common, rate // common)
    return resampled


def _int16(samples: NDArray[np.float64]) -> NDArray[np.int16]:
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2")
