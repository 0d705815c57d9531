"""The process that measures the peak memory of artefacts, `python -m` this module.

It reads one JSON request on standard input (`artefacts`, `runtime`, `device`, `seconds`) and prints
one JSON line: `peak_memory_bytes`, one number per artefact. Each is measured in a fork of its own,
made before anything but the libraries is loaded.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmark.measure.memory import peak
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
    before = peak(device)
    runtime_of(request).load(artefact, device).transcribe([probe(request["seconds"])])
    return peak(device) - before


if __name__ == "__main__":
    main()
