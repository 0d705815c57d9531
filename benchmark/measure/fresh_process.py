"""Measurements that need a fresh process, run as `python -m` this module.

It reads one JSON request on standard input (`artefacts`, `headers`, `runtime`, `device`, `seed`
and the fields of `Timing`) and prints one JSON line with, by artefact, `load_ms` and
`first_call_ms` (one number per start), `peak_memory_bytes`, and `work` where headers are given
(null for a network with which counting fails).

Every figure comes from its own fork, made when only libraries are loaded. So starts do not include
imports, which are done only once.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import random
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter

from benchmark.measure.memory import peak
from benchmark.measure.process import read_request
from benchmark.measure.quiet import pin_threads, probe
from benchmark.runtimes.base import runtime_of
from benchmark.system.child import bind

STARTS = 5

START_SECONDS = 10.0
"""Limit on the total time of starts of an artefact, since some runtimes compile for minutes."""


def main() -> None:
    request = read_request()
    pin_threads(request["threads"])
    artefacts = [Path(path) for path in request["artefacts"]]
    for name in run_in_fork(partial(_imported, artefacts[0], request)):
        # Modules that a library creates at run time cannot be imported.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    starts = _starts(artefacts, request)
    headers = request["headers"]
    result = {
        "load_ms": [[load for load, _ in times] for times in starts],
        "first_call_ms": [[call for _, call in times] for times in starts],
        "peak_memory_bytes": [run_in_fork(partial(_memory, path, request)) for path in artefacts],
        "work": headers and [_work_or_none(header, request) for header in headers],
    }
    print(json.dumps(result))


def run_in_fork(measure: Callable[[], Any]) -> Any:
    """The result of `measure` in a child process, as JSON. Raises RuntimeError with its error."""
    receiver, sender = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        # After an error, too, the child must not continue as a second parent.
        try:
            bind(parent)
            answer = {"value": measure()}
        except BaseException as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        try:
            with os.fdopen(sender, "w") as pipe:
                json.dump(answer, pipe)
        finally:
            os._exit(0)
    os.close(sender)
    with os.fdopen(receiver) as pipe:
        text = pipe.read()
    status = os.waitpid(child, 0)[1]
    reply = json.loads(text) if text else {"error": f"a fork ended with status {status}"}
    if "error" in reply:
        raise RuntimeError(reply["error"])
    return reply["value"]


def _imported(artefact: Path, request: Mapping[str, Any]) -> list[str]:
    """The modules that loading and running an artefact imports."""
    before = set(sys.modules)
    _start(artefact, request)
    return sorted(set(sys.modules) - before)


def _starts(artefacts: list[Path], request: Mapping[str, Any]) -> list[list[tuple[float, float]]]:
    """Milliseconds of loading and of the first call, by artefact and start, in random order."""
    generator = random.Random(request["seed"])
    starts: list[list[tuple[float, float]]] = [[] for _ in artefacts]
    order = list(range(len(artefacts)))
    for _ in range(STARTS):
        generator.shuffle(order)
        for arm in order:
            if sum(map(sum, starts[arm])) < 1000 * START_SECONDS:
                starts[arm].append(run_in_fork(partial(_start, artefacts[arm], request)))
    return starts


def _start(artefact: Path, request: Mapping[str, Any]) -> tuple[float, float]:
    device, waveform = request["device"], probe(request["seconds"][0])
    if device.startswith("cuda"):
        # The set-up of the GPU for a process is not a cost of the artefact.
        torch.zeros(1, device=device)
        torch.cuda.synchronize(device)
    begin = time.perf_counter()
    recogniser = runtime_of(request).load(artefact, device)
    loaded = time.perf_counter()
    recogniser.transcribe([waveform])
    return 1000 * (loaded - begin), 1000 * (time.perf_counter() - loaded)


def _memory(artefact: Path, request: Mapping[str, Any]) -> int:
    """Bytes that loading and one run add to the peak memory."""
    device = request["device"]
    before = peak(device)
    runtime_of(request).load(artefact, device).transcribe([probe(request["seconds"][0])])
    return peak(device) - before


def _work_or_none(header: Mapping[str, Any], request: Mapping[str, Any]) -> Any:
    """The work of a network, or None if it cannot be counted; latencies are valid without it."""
    with contextlib.suppress(RuntimeError):
        return run_in_fork(partial(_work, header, request["seconds"][0]))
    return None


def _work(header: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """The work of one utterance in the network of a header."""
    from benchmark.compression.storage.artefact import Artefact, Header
    from benchmark.measure.work import count_work
    from benchmark.runtimes.running.eager import TorchRecogniser

    described = TypeAdapter(Header).validate_python(header)
    weights = described.architecture().build().state_dict()
    recogniser = TorchRecogniser(Artefact(described, weights))
    return asdict(count_work(recogniser.network, recogniser.features([probe(seconds)])))


if __name__ == "__main__":
    main()
