"""Where stages run."""

from __future__ import annotations

import os
import shutil

from benchmark.errors import UserError


def choose_device(wanted: str) -> str:
    """`cpu` or `cuda` for `auto`, `cpu` or `cuda`. Raises UserError for a GPU that is not there.

    torch is asked only where a GPU may be.
    """
    if wanted == "cpu" or (wanted == "auto" and shutil.which("nvidia-smi") is None):
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if wanted == "cuda":
        raise UserError("--device cuda: torch finds no CUDA device here; use --device cpu or auto")
    return "cpu"


def choose_jobs(wanted: int | None, device: str) -> int:
    """One worker per core on the CPU, since a stage keeps to one thread; one on a GPU."""
    if wanted is not None:
        return wanted
    return len(os.sched_getaffinity(0)) if device == "cpu" else 1
