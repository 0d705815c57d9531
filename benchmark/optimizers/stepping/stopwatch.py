"""The time of updates, without waiting for a GPU at every one."""

from __future__ import annotations

from time import perf_counter
from types import TracebackType

import torch


class Stopwatch:
    """Measures the seconds within its contexts."""

    def __init__(self) -> None:
        self._start = 0.0
        self._total = 0.0
        self._laps = 0

    @property
    def mean_seconds(self) -> float:
        """The mean of all contexts so far; 0 if there were none."""
        return self._total / max(1, self._laps)

    def __enter__(self) -> None:
        self._start = perf_counter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._total += perf_counter() - self._start
        self._laps += 1


class GpuStopwatch(Stopwatch):
    """The same for work on a GPU, which marks the beginning and the end itself."""

    def __init__(self) -> None:
        super().__init__()
        self._marks: list[tuple[torch.cuda.Event, ...]] = []

    @property
    def mean_seconds(self) -> float:
        torch.cuda.synchronize()
        total = sum(begin.elapsed_time(end) for begin, end in self._marks) / 1000
        return float(total) / max(1, len(self._marks))

    def __enter__(self) -> None:
        marks = tuple(torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
        marks[0].record()
        self._marks.append(marks)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._marks[-1][1].record()


def stopwatch(device: torch.device) -> Stopwatch:
    """A stopwatch for work on a device."""
    return GpuStopwatch() if device.type == "cuda" else Stopwatch()
