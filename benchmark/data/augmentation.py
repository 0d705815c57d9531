"""Settings of augmentation, all off by default; `perturb` applies them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field


@dataclass(frozen=True)
class Augmentation:
    """Random changes of training speech; 0 or None turns one off.

    shift_ms         largest shift in time in either direction; silence fills the gap
    crop             largest share cut off the ends of an utterance, which must stay long enough
                     for its text
    rotate_ms        largest circular shift in time
    speed            largest relative change of speed, and with it of pitch
    noise_snr_db     lowest signal-to-noise ratio of added white noise; each utterance draws its own
                     between this and 20 dB more
    time_masks       masks over up to `time_mask_frames` frames each, and
    freq_masks       masks over up to `freq_mask_bands` bands each: SpecAugment (Park et al.,
                     Interspeech 2019, arXiv 1904.08779); waveform input gets time masks of
                     the same duration and no masks over bands
    """

    shift_ms: Annotated[float, Field(ge=0)] = 0.0
    crop: Annotated[float, Field(ge=0, le=0.2)] = 0.0
    rotate_ms: Annotated[float, Field(ge=0)] = 0.0
    speed: Annotated[float, Field(ge=0, le=0.3)] = 0.0
    noise_snr_db: float | None = None
    time_masks: Annotated[int, Field(ge=0)] = 0
    time_mask_frames: Annotated[int, Field(ge=1)] = 20
    freq_masks: Annotated[int, Field(ge=0)] = 0
    freq_mask_bands: Annotated[int, Field(ge=1)] = 8

    @property
    def masks(self) -> bool:
        """Whether anything is masked."""
        return bool(self.time_masks or self.freq_masks)

    def shortest(self, num_samples: int) -> int:
        """Number of samples left of `num_samples` at the fastest speed and the largest crop."""
        return int(num_samples * 100 / (100 + round(100 * self.speed)) * (1 - self.crop))

    def longest(self, num_samples: int) -> int:
        """Number of samples that `num_samples` become at the slowest speed."""
        return -(-num_samples * 100 // (100 - round(100 * self.speed)))
