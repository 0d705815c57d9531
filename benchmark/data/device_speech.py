"""Speech in the memory of a device, as 16-bit samples, once per process."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path

import torch

from benchmark.data.loader import Recordings

SHARE = 0.3
"""Share of the memory that is free at first that speech may take; growing takes as much again for a
moment. 100 hours are 11.5 GB."""

SAMPLE_BYTES = torch.int16.itemsize


class DeviceSpeech:
    """The samples of whole folders, one after the other in one tensor, (any,) int16.

    A folder that exceeds `capacity`, in bytes, is left where it is: in the memory of the host,
    mapped from its file.
    """

    def __init__(self, device: torch.device, capacity: int) -> None:
        self.samples = torch.empty(0, dtype=torch.int16, device=device)
        self._capacity = capacity
        self._size = 0
        self._starts: dict[Path, int | None] = {}
        self._lock = threading.Lock()

    def start(self, recordings: Recordings) -> int | None:
        """Where the samples of a folder begin, which are copied at first; None if they do not fit.

        `samples` may be another tensor after it.
        """
        if not self._capacity:
            return None
        with self._lock:
            if recordings.path not in self._starts:
                self._starts[recordings.path] = self._add(recordings)
            return self._starts[recordings.path]

    def _add(self, recordings: Recordings) -> int | None:
        start, end = self._size, self._size + len(recordings.samples)
        if end * SAMPLE_BYTES > self._capacity:
            return None
        if end > len(self.samples):
            # Twice the size, so that all folders together are copied but once more.
            room = max(end, min(2 * len(self.samples), self._capacity // SAMPLE_BYTES))
            grown = self.samples.new_empty(room)
            grown[:start] = self.samples[:start]
            self.samples = grown
        self.samples[start:end] = torch.tensor(recordings.samples)
        self._size = end
        return start


@lru_cache
def device_speech(device: torch.device) -> DeviceSpeech:
    """The speech in the memory of a device; none on the CPU, which has files mapped already."""
    if device.type == "cpu":
        return DeviceSpeech(device, capacity=0)
    return DeviceSpeech(device, capacity=int(SHARE * torch.cuda.mem_get_info(device)[0]))
