"""Loading beside learning: on a GPU, work in a stream of its own, ahead of what uses it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.data.batch import Batch

AHEAD = 2
"""Batches that may be loaded before they are used. More would only take memory."""


class SideStream:
    """A stream of a GPU. What is loaded in it overlaps with earlier work of the current stream."""

    def __init__(self, device: torch.device) -> None:
        self._stream = torch.cuda.Stream(device)
        self._used: deque[torch.cuda.Event] = deque()

    def load(self, load: Callable[[], Batch]) -> Batch:
        """The result of `load`, for use in the current stream."""
        current = torch.cuda.current_stream(self._stream.device)
        # The host is held back until the step before the last has ended.
        self._used.append(current.record_event())
        if len(self._used) > AHEAD:
            self._used.popleft().synchronize()
        with torch.cuda.stream(self._stream):
            batch = load()
        current.wait_stream(self._stream)
        for tensor in (batch.features, batch.lengths, batch.targets, batch.target_lengths):
            tensor.record_stream(current)
        return batch


@lru_cache
def _side_stream(device: torch.device) -> SideStream:
    return SideStream(device)


def load_beside(device: torch.device, load: Callable[[], Batch]) -> Batch:
    """The result of `load`; a GPU computes it beside what was launched before."""
    return _side_stream(device).load(load) if device.type == "cuda" else load()


def send(arrays: Sequence[NDArray[Any]], device: torch.device) -> torch.Tensor:
    """Arrays (any,) of one type, one after the other, on a device; a GPU copies them by itself."""
    size, first = sum(len(array) for array in arrays), arrays[0]
    kind = torch.from_numpy(np.empty(0, first.dtype)).dtype
    joint = torch.empty(size, dtype=kind, pin_memory=device.type == "cuda")
    np.concatenate(arrays, out=joint.numpy())
    return joint.to(device, non_blocking=True)
