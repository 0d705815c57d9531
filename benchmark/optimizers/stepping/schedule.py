"""Learning-rate schedules as a factor of the peak learning rate."""

from __future__ import annotations

import math
from typing import Literal

Schedule = Literal["constant", "linear", "cosine"]


def factor(schedule: Schedule, warmup: float, step: int, total_steps: int) -> float:
    """Share of the peak learning rate at `step` (from 0) of `total_steps`.

    It rises linearly over the first `warmup` share of the steps. After that it is constant, or
    falls to zero just after the last step, so that every step has an effect.
    """
    rising = round(warmup * total_steps)
    if step < rising:
        return (step + 1) / (rising + 1)
    done = min(1.0, (step - rising) / max(1, total_steps - rising))
    if schedule == "linear":
        return 1.0 - done
    if schedule == "cosine":
        return 0.5 * (1.0 + math.cos(math.pi * done))
    return 1.0
