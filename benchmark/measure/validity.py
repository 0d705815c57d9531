"""When a timing is valid, and when the latencies of two artefacts differ."""

from __future__ import annotations

from typing import Literal

from benchmark.statistics.bootstrap import Interval

Difference = Literal["slower", "faster", "no difference"]

MAX_WIDTH = 0.1
"""The largest width of the noise interval for a valid timing."""

RESOLUTION = 0.01
"""The resolution of a ratio: a 95 % interval misses the true value slightly in one case of twenty,
and a smaller difference cannot be attributed to the artefact."""


def invalid(noise: Interval) -> str | None:
    """Why a timing is invalid, else None; `noise` is the ratio of the duplicate to the
    reference."""
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
    """The verdict from the interval of a ratio to the reference.

    For a difference the interval must exclude the noise, and 1 by more than `RESOLUTION`.
    """
    if ratio.low > max(1 + RESOLUTION, noise.high):
        return "slower"
    if ratio.high < min(1 - RESOLUTION, noise.low):
        return "faster"
    return "no difference"
