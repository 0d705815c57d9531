"""Dedicated measuring processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from benchmark.registry import trust, trusted


def measure_apart(module: str, request: Mapping[str, Any], threads: int = 1) -> dict[str, Any]:
    """The last line of output of `python -m module`, as JSON, given `request` as JSON.

    The process has this many threads, the same module search path and trusted import paths as this
    one, and ends with it. Raises RuntimeError with the last line of its errors if it fails.
    """
    path = os.pathsep.join(entry for entry in sys.path if entry)
    limits = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
    done = subprocess.run(
        [sys.executable, "-m", "benchmark.system.child", str(os.getpid()), module],
        input=json.dumps({**request, "trusted": trusted()}),
        capture_output=True,
        text=True,
        env=os.environ | limits | {"PYTHONPATH": path},
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise RuntimeError(f"{module.rpartition('.')[2]} failed: {last}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def read_request() -> dict[str, Any]:
    """In a measuring process: the request from standard input; also sets trusted import paths."""
    request: dict[str, Any] = json.load(sys.stdin)
    trust(request.pop("trusted"))
    return request
