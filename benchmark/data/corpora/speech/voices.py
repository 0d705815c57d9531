"""The speakers and recording conditions of the synthetic corpus."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from benchmark.data.corpora.base import SPLITS

SPEAKERS = {"train": 12, "validation": 3, "test": 4}
"""Number of speakers of each split; splits share no speaker."""

# Voice variants of eSpeak NG that sound human: no robots, whispers or creatures.
_VARIANTS = (
    "m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f4 f5 adam Alex Alicia Annie anika belinda caleb david "
    "edward Gene john Lee linda Michael Mike pablo quincy rob robert shelby steph travis victor"
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """`variant` of an eSpeak NG voice, at `rate` words per minute and `pitch` from 0 to 99."""

    id: str
    variant: str
    rate: int
    pitch: int


def speakers(language: str, random: Random) -> dict[str, list[Speaker]]:
    """The speakers of each split, all with different voice variants."""
    variants = iter(random.sample(_VARIANTS.split(), sum(SPEAKERS.values())))
    return {
        split: [
            Speaker(
                id=f"{language}-{split}-{number:02d}",
                variant=next(variants),
                rate=random.randint(120, 165),
                pitch=random.randint(35, 65),
            )
            for number in range(SPEAKERS[split])
        ]
        for split in SPLITS
    }


def record(samples: NDArray[np.int16], generator: np.random.Generator) -> NDArray[np.int16]:
    """Speech (T,) with its peak 2 to 14 dB below full scale and white noise 25 to 45 dB below it.

    The noise level is relative to the mean power of the speech.
    """
    speech = samples / np.abs(samples).max() * _ratio(-generator.uniform(2, 14))
    loudness = np.sqrt(np.mean(speech**2))
    noise = generator.standard_normal(len(speech)) * loudness * _ratio(-generator.uniform(25, 45))
    recorded: NDArray[np.int16] = np.clip((speech + noise) * 32767, -32768, 32767).astype(np.int16)
    return recorded


def _ratio(decibels: float) -> float:
    return float(10 ** (decibels / 20))
