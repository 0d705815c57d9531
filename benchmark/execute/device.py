"""Where stages run."""

from __future__ import annotations

import os
import shutil

from benchmark.errors import UserError

MOST_LEARNERS = 64
"""The most learners of a stack on a GPU: beyond it a step takes as long per learner."""


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


def choose_jobs(wanted: int | None) -> int:
    """One worker per core, since a stage keeps to one thread; one of them has a GPU if any."""
    return len(os.sched_getaffinity(0)) if wanted is None else wanted


def choose_stack(wanted: int | None, device: str) -> int:
    """The most learners of a stack: on a GPU its memory limits them further; on a CPU a stack is
    slower than its learners one by one."""
    if wanted is not None:
        return wanted
    return 1 if device == "cpu" else MOST_LEARNERS
