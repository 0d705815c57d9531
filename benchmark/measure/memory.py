"""The peak memory of a part of a process: of the GPU's tensors, or of the process itself."""

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
"""What makes Linux forget the highest memory so far (proc(5), since Linux 4.0)."""


class PeakMemory:
    """A context manager; `num_bytes` is then the peak above the level at its start.

    On a GPU it is of tensors. On the CPU it is of the process's resident memory without what was
    read in of libraries, which would make the first stage of a process the largest; None where the
    system does not let its peak be reset (other than Linux, and some sandboxes).
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
    """Highest memory so far in bytes: of the GPU's tensors, or of this process."""
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated(device)
    if STATUS.exists():
        # Linux hands a parent's ru_maxrss down to its children, but not VmHWM.
        return _status("VmHWM")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


@cache
def _warm_up() -> None:
    """Take a tiny step, once: libraries set up 0.1 GB at first use, which no stage is to pay for.

    Random state is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        convolution, linear = nn.Conv1d(8, 8, 3), nn.Linear(8, 8)
        optimizer = torch.optim.AdamW([*convolution.parameters(), *linear.parameters()])
        hidden = convolution(torch.randn(2, 8, 16)).transpose(1, 2)
        torch.autograd.backward(linear(hidden).log_softmax(-1).sum())
        optimizer.step()


def _reset_peak() -> int | None:
    """Forget the peak of this process; its memory now in bytes, None where that is impossible."""
    try:
        # Freed memory that the allocator keeps would hide what comes next.
        ctypes.CDLL(None).malloc_trim(0)
        CLEAR.write_text(RESET_PEAK)
    except (OSError, AttributeError):
        return None
    return _status("VmRSS")


def _libraries() -> int:
    """Resident pages of files, which is code for the most part; they stay once they are there."""
    return _status("RssFile") if STATUS.exists() else 0


def _status(field: str) -> int:
    line = next(x for x in STATUS.read_text().splitlines() if x.startswith(field))
    return int(line.split()[1]) * 1024
