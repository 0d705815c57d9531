"""Tests of Triton's kernels, which run on a card, or interpreted on a CPU.

Triton reads `TRITON_INTERPRET` when it is imported. So one test of each such file runs that file
again, in a process where it is set.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch

INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"
DEVICE = "cpu" if INTERPRETED else "cuda"
MISSING = not INTERPRETED and not torch.cuda.is_available()


def on_each_device(test):  # type: ignore[no-untyped-def]
    """Run where kernels are interpreted, and on a card."""
    skip = pytest.mark.skipif(MISSING, reason="needs a CUDA device, or Triton's interpreter")
    return skip(test) if INTERPRETED else pytest.mark.gpu(skip(test))


def run_interpreted(file: str) -> str:
    """The output of the tests in a file where kernels are interpreted; all of them pass."""
    pytest.importorskip("triton")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file]
    environment = os.environ | {"TRITON_INTERPRET": "1", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    return done.stdout
