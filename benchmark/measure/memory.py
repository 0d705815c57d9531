"""The peak memory of a part of a process, of the GPU's tensors or of the process itself."""

from __future__ import annotations

import ctypes
import gc
import resource
import sys
from functools import cache
from pathlib import Path
from types import TracebackType

import torch
from torch import nn

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")
RESET_PEAK = "5"
"""Written to `CLEAR`, it makes Linux reset the peak memory (proc(5), since Linux 4.0)."""


class PeakMemory:
    """A context manager; afterwards `num_bytes` is the peak above the level at its start.

    On a GPU it is the memory of tensors. On the CPU it is the resident memory of the process
    without pages of libraries, which would increase the peak of the first stage in a process. It is
    None if the system does not support resetting the peak (systems other than Linux, and some
    sandboxes).
    """

    num_bytes: int | None = None

    def __init__(self, device: str) -> None:
        self._device = device
        self._before: int | None = None
        self._libraries = 0

    def __enter__(self) -> PeakMemory:
        _warm_up()
        gc.collect()
        if self._device.startswith("cuda"):
            torch.cuda.reset_peak_memory_stats(self._device)
            self._before = torch.cuda.memory_allocated(self._device)
        else:
            self._before, self._libraries = _reset_peak(), _libraries()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is not None:
            loaded = 0 if self._device.startswith("cuda") else _libraries() - self._libraries
            self.num_bytes = max(0, peak(self._device) - self._before - loaded)


def peak(device: str) -> int:
    """Peak memory so far in bytes, of the GPU's tensors or of this process."""
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated(device)
    if STATUS.exists():
        # Children inherit ru_maxrss from their parent on Linux, but not VmHWM.
        return _status("VmHWM")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


@cache
def _warm_up() -> None:
    """Take a tiny step once: libraries allocate 0.1 GB at first use, which belongs to no stage.

    The random state is unchanged.
    """
    with torch.random.fork_rng(devices=[]):
        convolution, linear = nn.Conv1d(8, 8, 3), nn.Linear(8, 8)
        optimizer = torch.optim.AdamW([*convolution.parameters(), *linear.parameters()])
        hidden = convolution(torch.randn(2, 8, 16)).transpose(1, 2)
        torch.autograd.backward(linear(hidden).log_softmax(-1).sum())
        optimizer.step()


def _reset_peak() -> int | None:
    """Reset the peak of this process; returns its current memory in bytes, None if impossible."""
    try:
        # Freed memory that the allocator keeps would hide later allocations.
        ctypes.CDLL(None).malloc_trim(0)
        CLEAR.write_text(RESET_PEAK)
    except (OSError, AttributeError):
        return None
    return _status("VmRSS")


def _libraries() -> int:
    """Resident pages of files, mostly code, which stay once they are loaded."""
    return _status("RssFile") if STATUS.exists() else 0


def _status(field: str) -> int:
    line = next(x for x in STATUS.read_text().splitlines() if x.startswith(field))
    return int(line.split()[1]) * 1024
