"""Whether the kernels of `ctc_triton` run on a device. Triton is imported only to find that out."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

import torch

MOST_UNITS = 1023
"""Units of a target; its states are lanes of one block."""


@cache
def problem(device: torch.device) -> str | None:
    """Why the kernels do not run on this CUDA device; None if they do.

    It is found out by trying: Triton also needs a C compiler and the headers of Python.
    """
    if find_spec("triton") is None:
        return "Triton is not installed"
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
