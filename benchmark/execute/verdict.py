"""What the exception that ended a stage says of it."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

from benchmark.errors import DataError, Diverged, Unsupported, UserError
from benchmark.store.stages import Status

_MEMORY = re.compile(r"Tried to allocate ([\d.]+) (\w+)\..*? of which ([\d.]+) (\w+) is free")
"""What torch says of memory that it could not get on a GPU."""

_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


class StageTimeoutError(Exception):
    """A stage ran longer than the suite allows."""


def verdict(error: Exception) -> tuple[Status, str]:
    """The status that an exception stands for, and one line that says why."""
    line = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, Diverged):
        return "diverged", line
    if isinstance(error, Unsupported):
        return "unsupported", line
    if isinstance(error, StageTimeoutError):
        return "timeout", line
    if is_out_of_memory(error):
        return "oom", _missing(line) or line
    if isinstance(error, DataError):
        return "blocked", line
    if isinstance(error, UserError):
        return "failed", line
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(where.filename).name}:{where.lineno}"
    return "failed", f"{type(error).__name__} at {place}: {line}"


def is_out_of_memory(error: object) -> bool:
    """Whether memory of the host or of a GPU ran out."""
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"


def is_device_lost(error: object) -> bool:
    """Whether CUDA failed for this process: after that no tensor on the GPU can be used."""
    if is_out_of_memory(error) or not isinstance(error, RuntimeError):
        return False
    return type(error).__name__ == "AcceleratorError" or str(error).startswith("CUDA error")


def _missing(line: str) -> str | None:
    """How much memory of a GPU is missing, if torch's message says so."""
    found = _MEMORY.search(line)
    if found is None or not {found[2], found[4]} <= _UNITS.keys():
        return None
    wanted, free = (float(found[i]) * _UNITS[found[i + 1]] for i in (1, 3))
    return (
        f"out of GPU memory: at least {(wanted - free) / 2**30:.2f} GiB are missing"
        f" ({found[1]} {found[2]} were needed at once, {found[3]} {found[4]} were free)"
    )
