"""The process that times artefacts and does nothing else, `python -m` this module.

It reads one JSON request on standard input (`artefacts`, `runtime`, `device`, `runs`, `warmup`,
`seconds`, `seed`) and prints one JSON line: `latencies_ms`, per artefact one number per round.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.data.base import SAMPLE_RATE
from benchmark.measure.recognise import Recogniser, Waveform
from benchmark.registry import runtime_of


def main() -> None:
    request = json.load(sys.stdin)
    settle()
    print(json.dumps({"latencies_ms": time_rounds(request)}))


def settle() -> None:
    """Keep away what would make one run unlike the next.

    One thread; no garbage collection; denormal numbers count as zero, since a network with many
    of them runs up to a hundred times slower.
    """
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    gc.disable()


def probe(seconds: float) -> NDArray[np.int16]:
    """One waveform to time: noise, always the same, since latency does not depend on content."""
    noise = np.random.default_rng(0).normal(0, 3000, round(seconds * SAMPLE_RATE))
    return noise.clip(-32768, 32767).astype(np.int16)


def time_rounds(request: dict[str, Any]) -> list[list[float]]:
    """Milliseconds of each run of each artefact; every round runs each once, in random order."""
    runtime, device = runtime_of(request), request["device"]
    recognisers = [runtime.load(Path(path), device) for path in request["artefacts"]]
    waveform = [probe(request["seconds"])]
    for recogniser in recognisers:
        for _ in range(request["warmup"]):
            recogniser.transcribe(waveform)
    latencies: list[list[float]] = [[] for _ in recognisers]
    order = list(range(len(recognisers)))
    generator = random.Random(request["seed"])
    for _ in range(request["runs"]):
        generator.shuffle(order)
        for arm in order:
            latencies[arm].append(_milliseconds(recognisers[arm], waveform, device))
    return latencies


def _milliseconds(recogniser: Recogniser, waveform: Sequence[Waveform], device: str) -> float:
    """Samples in, text out; the text is on the host, so a GPU has finished when it is there."""
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
    start = time.perf_counter_ns()
    recogniser.transcribe(waveform)
    return (time.perf_counter_ns() - start) / 1e6


if __name__ == "__main__":
    main()
