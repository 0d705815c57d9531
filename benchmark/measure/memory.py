"""The peak memory of a part of a process: of the GPU's tensors, or of the process itself."""

from __future__ import annotations

import ctypes
import gc
import resource
import sys
from pathlib import Path
from types import TracebackType

import torch

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")
RESET_PEAK = "5"
"""What makes Linux forget the highest memory so far (proc(5), since Linux 4.0)."""


class PeakMemory:
    """A context manager; `num_bytes` is then the peak above the level at its start.

    On a GPU it is of tensors. On the CPU it is of the process's resident memory, None where the
    system does not let its peak be reset (other than Linux, and some sandboxes).
    """

    num_bytes: int | None = None

    def __init__(self, device: str) -> None:
        self._device = device
        self._before: int | None = None

    def __enter__(self) -> PeakMemory:
        gc.collect()
        if self._device.startswith("cuda"):
            torch.cuda.reset_peak_memory_stats(self._device)
            self._before = torch.cuda.memory_allocated(self._device)
        else:
            self._before = _reset_peak()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._before is not None:
            self.num_bytes = max(0, peak(self._device) - self._before)


def peak(device: str) -> int:
    """Highest memory so far in bytes: of the GPU's tensors, or of this process."""
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated(device)
    if STATUS.exists():
        # Linux hands a parent's ru_maxrss down to its children, but not VmHWM.
        return _status("VmHWM")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _reset_peak() -> int | None:
    """Forget the peak of this process; its memory now in bytes, None where that is impossible."""
    try:
        # Freed memory that the allocator keeps would hide what comes next.
        ctypes.CDLL(None).malloc_trim(0)
        CLEAR.write_text(RESET_PEAK)
    except (OSError, AttributeError):
        return None
    return _status("VmRSS")


def _status(field: str) -> int:
    line = next(x for x in STATUS.read_text().splitlines() if x.startswith(field))
    return int(line.split()[1]) * 1024
