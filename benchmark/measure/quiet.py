"""What measuring processes do before they measure, and the speech they do it with."""

from __future__ import annotations

import gc
import os

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.data.base import SAMPLE_RATE


def pin_threads(threads: int) -> list[int] | None:
    """Keep away what would make one run unlike the next; returns the processors it is bound to.

    A fixed number of threads, each with a processor to stay on where the system allows that (None
    elsewhere); no garbage collection; denormal numbers count as zero, since a network with many of
    them runs up to a hundred times slower.
    """
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    gc.disable()
    return _bind(threads)


def _bind(threads: int) -> list[int] | None:
    if not hasattr(os, "sched_setaffinity"):
        return None
    allowed = sorted(os.sched_getaffinity(0))
    # Measurements that run side by side, such as those of two users, spread over the processors.
    start = os.getpid() % max(1, len(allowed) - threads + 1)
    chosen = allowed[start : start + threads]
    try:
        os.sched_setaffinity(0, chosen)
    except OSError:
        return None
    return chosen


def probe(seconds: float) -> NDArray[np.int16]:
    """One waveform to time: noise, always the same, since latency does not depend on content."""
    noise = np.random.default_rng(0).normal(0, 3000, round(seconds * SAMPLE_RATE))
    return noise.clip(-32768, 32767).astype(np.int16)
