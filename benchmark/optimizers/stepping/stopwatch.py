"""The time of updates, without waiting for a GPU at every one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

import torch


class Stopwatch:
    """Measures the seconds of laps."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._laps = 0

    @contextmanager
    def lap(self) -> Iterator[None]:
        """Measure what is done within this context."""
        start = perf_counter()
        yield
        self._seconds += perf_counter() - start
        self._laps += 1

    @property
    def mean_seconds(self) -> float:
        """The mean of all laps so far; 0 if there were none."""
        return self._seconds / max(1, self._laps)


class GpuStopwatch(Stopwatch):
    """The same for work on a GPU, which marks the beginning and the end itself."""

    def __init__(self) -> None:
        super().__init__()
        self._marks: list[tuple[torch.cuda.Event, ...]] = []

    @contextmanager
    def lap(self) -> Iterator[None]:
        marks = tuple(torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
        marks[0].record()
        yield
        marks[1].record()
        self._marks.append(marks)

    @property
    def mean_seconds(self) -> float:
        torch.cuda.synchronize()
        total = sum(begin.elapsed_time(end) for begin, end in self._marks) / 1000
        return float(total) / max(1, len(self._marks))


def stopwatch(device: torch.device) -> Stopwatch:
    """A stopwatch for work on a device."""
    return GpuStopwatch() if device.type == "cuda" else Stopwatch()
