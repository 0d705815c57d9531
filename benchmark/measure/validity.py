"""When timings of two artefacts differ, and when they say nothing."""

from __future__ import annotations

from typing import Literal

from benchmark.statistics.bootstrap import Interval

Difference = Literal["slower", "faster", "no difference"]

MAX_WIDTH = 0.1
"""The widest interval of the reference's ratio to its duplicate that is a measurement."""

RESOLUTION = 0.01
"""What a ratio cannot resolve: a 95 % interval misses the truth one time in twenty, if by little,
and less than this is none of the artefact."""


def invalid(noise: Interval) -> str | None:
    """Why a timing says nothing, if so; `noise` is the ratio of the reference to its duplicate."""
    if noise.high < 1 - RESOLUTION or noise.low > 1 + RESOLUTION:
        return (
            "the reference differs from its own duplicate: ratio"
            f" [{noise.low:.3f}, {noise.high:.3f}]"
        )
    if noise.high - noise.low > MAX_WIDTH:
        return (
            f"too noisy: the reference and its own duplicate are alike only within"
            f" [{noise.low:.3f}, {noise.high:.3f}]"
        )
    return None


def difference(ratio: Interval, noise: Interval) -> Difference:
    """What the interval of a ratio to the reference shows.

    It has to leave the noise, and 1 by more than can be resolved.
    """
    if ratio.low > max(1 + RESOLUTION, noise.high):
        return "slower"
    if ratio.high < min(1 - RESOLUTION, noise.low):
        return "faster"
    return "no difference"
