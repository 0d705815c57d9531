"""The set-up of measuring processes, and their input."""

from __future__ import annotations

import gc
import os

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.data.base import SAMPLE_RATE


def pin_threads(threads: int) -> list[int] | None:
    """Remove causes of variation between runs; returns the processors that the process is bound to.

    It fixes the number of threads, binds the process to as many processors if the system supports
    it (otherwise returns None), disables garbage collection, and flushes denormal numbers to zero,
    since a network with many of them runs up to a hundred times slower.
    """
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    gc.disable()
    return _bind(threads)


def _bind(threads: int) -> list[int] | None:
    if not hasattr(os, "sched_setaffinity"):
        return None
    allowed = sorted(os.sched_getaffinity(0))
    # Concurrent measurements, such as those of two users, use different processors.
    start = os.getpid() % max(1, len(allowed) - threads + 1)
    chosen = allowed[start : start + threads]
    try:
        os.sched_setaffinity(0, chosen)
    except OSError:
        return None
    return chosen


def probe(seconds: float) -> NDArray[np.int16]:
    """The waveform to time: always the same noise, since latency does not depend on content."""
    noise = np.random.default_rng(0).normal(0, 3000, round(seconds * SAMPLE_RATE))
    return noise.clip(-32768, 32767).astype(np.int16)
