"""Whether the kernels of `ctc_triton` run on a device, and where their compiled code is kept.

Triton is imported only on a device that may need it.
"""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir

import torch

from benchmark.cache import cache_folder

MOST_UNITS = 1023
"""Units of a target; its states are lanes of one block."""


@cache
def problem(device: torch.device) -> str | None:
    """Why the kernels do not run on this CUDA device; None if they do.

    It is found out by trying: Triton also needs a C compiler and the headers of Python.
    """
    if find_spec("triton") is None:
        return "Triton is not installed"
    os.environ.setdefault("TRITON_CACHE_DIR", str(_folder()))
    one = torch.ones(1, dtype=torch.int64, device=device)
    log_probs = torch.zeros(1, 1, 2, device=device)
    try:
        from benchmark.models.networks import ctc_triton

        ctc_triton.losses(log_probs, one, one[:, None], one)
    except torch.OutOfMemoryError:
        raise
    except Exception as error:
        return f"Triton: {type(error).__name__}: {error}"
    return None


def _folder() -> Path:
    """The folder of compiled kernels; a temporary one if the cache is read-only."""
    folder = cache_folder() / "triton"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        writable = False
    else:
        writable = os.access(folder, os.W_OK)
    return folder if writable else Path(gettempdir()) / f"benchmark-triton-{os.getuid()}"
