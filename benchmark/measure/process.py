"""A process that measures and does nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from benchmark.registry import trust, trusted


def measure_apart(module: str, request: Mapping[str, Any], threads: int = 1) -> dict[str, Any]:
    """What `python -m module` prints as JSON in its last line, given `request` as JSON.

    It gets that many threads, finds modules of the user's own where this process does, trusts the
    import paths that this process does, and ends with it. Raises RuntimeError with the last line of
    its errors where it fails.
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
    """In such a process: the request on standard input, with the import paths it may name."""
    request: dict[str, Any] = json.load(sys.stdin)
    trust(request.pop("trusted"))
    return request
