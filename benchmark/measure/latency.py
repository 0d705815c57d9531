"""The run-time cost of artefacts, measured in dedicated processes.

The speed of a shared machine drifts by far more than artefacts differ. So all artefacts run
interleaved in one process, in random order within each round, and the reliable figure is the ratio
to the reference in the same rounds. A duplicate of the reference also runs; its ratio to the
reference is the noise. All artefacts are loaded several times, because memory placement matters too
(`loads`). Milliseconds are comparable only within one call.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.measure.hardware import fingerprint
from benchmark.measure.process import measure_apart
from benchmark.measure.roofline import Roof, Work
from benchmark.measure.timing import Cost, Latency, TimedArtefact
from benchmark.measure.validity import invalid
from benchmark.runtimes.base import NATIVE, runtime_of
from benchmark.statistics.bootstrap import Interval
from benchmark.statistics.loads import LOADS, ratio_over_loads
from benchmark.suite.timing import Timing

ATTEMPTS = (1, 4)
"""Loads, as multiples of `LOADS`, of the first attempt and of the one after an invalid timing.
Rounds per load are the same; four times as many loads more than halve an interval."""

FLOAT_BYTES = 4

Headers = Sequence[Mapping[str, Any]]
"""Headers of artefacts (`storage.artefact.Header`) as JSON values."""


def time_artefacts(
    reference: Path,
    artefacts: Sequence[Path],
    settings: Timing,
    device: str = "cpu",
    seed: int = 0,
    runtime: str | Mapping[str, Any] = NATIVE,
    headers: Headers | None = None,
) -> list[TimedArtefact]:
    """Measurements of `reference` and then of each of `artefacts`, all files of one `runtime`.

    `headers` describe their networks, one per file; without them work is not counted. An invalid
    timing is repeated once, with more loads. Raises RuntimeError with the last line of its errors
    if a measuring process fails.
    """
    paths = [reference, *artefacts]
    request = {"device": device, "runtime": runtime, **asdict(settings)}
    loads = [os.getloadavg()]
    steady = _steady(request | {"artefacts": [*map(str, paths), str(reference)]}, seed)
    loads.append(os.getloadavg())
    fresh_request = {"artefacts": list(map(str, paths)), "headers": headers, "seed": seed}
    fresh = _measure("fresh_process", request | fresh_request)
    protocol = _protocol(request, steady, loads) | {"seed": seed}
    return [
        TimedArtefact(
            artefact=path,
            latencies=tuple(
                Latency(
                    seconds, tuple(length[arm].tolist()), tuple(length[0].tolist()), steady.loads
                )
                for seconds, length in zip(settings.seconds, steady.totals, strict=True)
            ),
            noise=steady.noise,
            cost=_cost(arm, path, request, steady, fresh),
            protocol=protocol,
        )
        for arm, path in enumerate(paths)
    ]


@dataclass(frozen=True)
class _Steady:
    """The result of the timing process, and the number of attempts.

    `totals` holds milliseconds (artefacts, rounds) for each length, `steps` those of the three
    steps at the first length (artefacts, rounds, 3).
    """

    totals: list[NDArray[np.float64]]
    steps: NDArray[np.float64]
    noise: Interval
    loads: int
    batched: list[list[float]] | None
    energy: list[float] | str
    roof: dict[str, float]
    conditions: dict[str, Any]
    attempts: int


def _steady(request: Mapping[str, Any], seed: int) -> _Steady:
    for attempt, factor in enumerate(ATTEMPTS):
        loads = factor * LOADS
        more = {"runs": factor * request["runs"], "loads": loads, "seed": seed + attempt}
        measured = _measure("timing_process", {**request, **more})
        lengths = [np.array(length) for length in measured.pop("lengths")]
        totals = [length.sum(axis=2) for length in lengths]
        _, noise = ratio_over_loads(totals[0][-1] / totals[0][0], loads)
        if not invalid(noise):
            break
    return _Steady(
        totals=totals, steps=lengths[0], noise=noise, loads=loads, attempts=attempt + 1, **measured
    )


def _cost(
    arm: int, path: Path, request: Mapping[str, Any], steady: _Steady, fresh: Mapping[str, Any]
) -> Cost:
    features, network, decode = np.median(steady.steps[arm], axis=0).tolist()
    batch = request["batch"] if steady.batched else 1
    runs = steady.batched[arm] if steady.batched else steady.totals[0][arm]
    cost = Cost(
        load_ms=float(np.median(fresh["load_ms"][arm])),
        first_call_ms=float(np.median(fresh["first_call_ms"][arm])),
        features_ms=features,
        network_ms=network,
        decode_ms=decode,
        throughput_batch=batch,
        throughput_rtfx=1000 * batch * request["seconds"][0] / float(np.median(runs)),
        peak_memory_bytes=fresh["peak_memory_bytes"][arm],
        energy_joules=None if isinstance(steady.energy, str) else steady.energy[arm],
    )
    work = fresh["work"][arm] if fresh["work"] else None
    return _with_work(cost, Work(**work), path, request, steady) if work else cost


def _with_work(
    cost: Cost, work: Work, path: Path, request: Mapping[str, Any], steady: _Steady
) -> Cost:
    moved = _weight_bytes(work, path, request) + work.activation_bytes
    return replace(
        cost,
        flops=work.flops,
        bytes_moved=moved,
        roofline_share=Roof(**steady.roof).share(work.flops, moved, cost.network_ms / 1000),
    )


def _weight_bytes(work: Work, path: Path, request: Mapping[str, Any]) -> int:
    """Bytes of all weights as the runtime reads them at each run.

    PyTorch decodes its file into float32; a runtime with its own file format reads that file.
    """
    if not runtime_of(request).own_file:
        return FLOAT_BYTES * work.weights
    return sum(file.stat().st_size for file in path.parent.glob(f"{path.stem}.*"))


def _protocol(
    request: Mapping[str, Any], steady: _Steady, loads: Sequence[tuple[float, ...]]
) -> dict[str, Any]:
    names = ("warmup", "seconds", "threads", "runtime")
    return {
        **{name: request[name] for name in names},
        "runs": steady.steps.shape[1],
        "batch_size": 1,
        "throughput_batch": request["batch"] if steady.batched else 1,
        "covers": "log-mel features, network, greedy decoding",
        "loads": steady.loads,
        "order": "every artefact once per round, in random order; each load in random order",
        "ratio": "mean over loads of the median ratio to the reference in the same round",
        "attempts": steady.attempts,
        "load_before": loads[0],
        "load_after": loads[1],
        "energy": steady.energy if isinstance(steady.energy, str) else "measured",
        "roof": steady.roof,
        **steady.conditions,
        "machine": fingerprint(request["device"]),
    }


def _measure(module: str, request: Mapping[str, Any]) -> dict[str, Any]:
    return measure_apart(f"benchmark.measure.{module}", request, request["threads"])
