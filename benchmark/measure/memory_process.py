"""The process that measures one artefact's peak memory, `python -m` this module.

It reads one JSON request on standard input (`artefact`, `device`, `seconds`) and prints one JSON
line: `peak_memory_bytes`. Separate from timing, where many artefacts share a process.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import torch

from benchmark.measure.recognise import Recogniser
from benchmark.measure.timing_process import probe, settle


def main() -> None:
    request = json.load(sys.stdin)
    settle()
    before = _peak(request["device"])
    recogniser = Recogniser.load(Path(request["artefact"]), request["device"])
    recogniser.transcribe([probe(request["seconds"])])
    print(json.dumps({"peak_memory_bytes": _peak(request["device"]) - before}))


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
