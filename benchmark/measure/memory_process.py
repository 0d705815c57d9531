"""The process that measures the peak memory of artefacts, `python -m` this module.

It reads one JSON request on standard input (`artefacts`, `runtime`, `device`, `seconds`) and prints
one JSON line: `peak_memory_bytes`, one number per artefact. Each is measured in a fork of its own,
made before anything but the libraries is loaded.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmark.measure.timing_process import probe, settle
from benchmark.registry import runtime_of


def main() -> None:
    request = json.load(sys.stdin)
    settle()
    peaks = [
        _in_fork(partial(_measure, Path(artefact), request)) for artefact in request["artefacts"]
    ]
    print(json.dumps({"peak_memory_bytes": peaks}))


def _in_fork(measure: Callable[[], int]) -> int:
    """What `measure` says in a child process."""
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(sender, str(measure()).encode())
        finally:
            # Not even an error may carry on as a second parent.
            sys.stderr.flush()
            os._exit(0)
    os.close(sender)
    with os.fdopen(receiver) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return int(text)


def _measure(artefact: Path, request: Mapping[str, Any]) -> int:
    device = request["device"]
    before = _peak(device)
    runtime_of(request).load(artefact, device).transcribe([probe(request["seconds"])])
    return _peak(device) - before


def _peak(device: str) -> int:
    """Highest memory so far in bytes: of the GPU's tensors, or of this process."""
    if device.startswith("cuda"):
        return torch.cuda.max_memory_allocated(device)
    status = Path("/proc/self/status")
    if status.exists():
        # Linux hands a parent's ru_maxrss down to its children, but not VmHWM.
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    main()
