"""Loading beside learning: on a GPU, work in a stream of its own, ahead of what uses it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.data.batch import Batch

AHEAD = 2 << 30
"""Bytes of batches that may be loaded before they are used."""


class SideStream:
    """A stream of a GPU. What is loaded in it overlaps with earlier work of the current stream."""

    def __init__(self, device: torch.device) -> None:
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._loaded: deque[tuple[int, torch.cuda.Event]] = deque()

    def load(self, load: Callable[[], Batch]) -> Batch:
        """The result of `load`, for use in the current stream.

        The host is held back while too much waits to be used.
        """
        while sum(size for size, _ in self._loaded) > AHEAD:
            self._loaded.popleft()[1].synchronize()
        current = torch.cuda.current_stream(self._stream.device)
        with torch.cuda.stream(self._stream), _full_precision():
            batch = load()
        current.wait_stream(self._stream)
        tensors = (batch.features, batch.lengths, batch.targets, batch.target_lengths)
        for tensor in tensors:
            tensor.record_stream(current)
        self._loaded.append((sum(tensor.nbytes for tensor in tensors), current.record_event()))
        return batch


@contextmanager
def _full_precision() -> Iterator[None]:
    """Features have all digits, whatever the precision that is learnt in."""
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    rounds = matmul.allow_tf32, cudnn.allow_tf32
    matmul.allow_tf32 = cudnn.allow_tf32 = False
    try:
        yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32 = rounds


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
