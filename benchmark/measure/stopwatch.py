"""Times of the three steps of recognition, by the host's clock or by GPU events."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import torch

from benchmark.runtimes.running.recogniser import Recogniser, Waveform


class Steps(NamedTuple):
    """Milliseconds from samples to features, from those to scores, and from those to text."""

    features: float
    network: float
    decode: float

    @property
    def total(self) -> float:
        return sum(self)


def time_steps(recogniser: Recogniser, waveforms: Sequence[Waveform], device: str) -> Steps:
    """Times of one call, in which all `waveforms` are one batch."""
    if device.startswith("cuda"):
        return _by_events(recogniser, waveforms, device)
    with torch.inference_mode():
        start = time.perf_counter_ns()
        batch = recogniser.features(waveforms)
        features = time.perf_counter_ns()
        scores = recogniser.run(batch)
        network = time.perf_counter_ns()
        recogniser.decode(scores)
        end = time.perf_counter_ns()
    marks = (start, features, network, end)
    return Steps(*((b - a) / 1e6 for a, b in pairwise(marks)))


def _by_events(recogniser: Recogniser, waveforms: Sequence[Waveform], device: str) -> Steps:
    """Times by GPU events, because the host runs ahead of a GPU."""
    event: Any = torch.cuda.Event
    marks = [event(enable_timing=True) for _ in range(4)]
    stream = torch.cuda.current_stream(device)
    torch.cuda.synchronize(device)
    with torch.inference_mode():
        marks[0].record(stream)
        batch = recogniser.features(waveforms)
        marks[1].record(stream)
        scores = recogniser.run(batch)
        marks[2].record(stream)
        recogniser.decode(scores)
        marks[3].record(stream)
    torch.cuda.synchronize(device)
    return Steps(*(a.elapsed_time(b) for a, b in pairwise(marks)))
