"""The dedicated process that times artefacts in turn, run as `python -m` this module.

It reads one JSON request on standard input (`artefacts`, `runtime`, `device`, `loads`, `seed` and
the fields of `Timing`) and prints one JSON line, see `main`.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from benchmark.measure.energy import Meter, find_meter
from benchmark.measure.nvml import clocks
from benchmark.measure.process import read_request
from benchmark.measure.quiet import pin_threads, probe
from benchmark.measure.roofline import measure_roof
from benchmark.measure.stopwatch import Steps, time_steps
from benchmark.runtimes.base import runtime_of
from benchmark.runtimes.running.recogniser import Recogniser, Waveform
from benchmark.statistics.loads import rounds_of_loads

Result = TypeVar("Result")

Arms = list[list[Steps]]
"""Times by artefact and round."""

SIDE_ROUNDS = 3
"""Rounds of each further length and of the batch after each load, enough for medians."""

STABLE = 0.05
"""Largest relative change between two windows of runs after warm-up."""

ENERGY_SECONDS = 1.0
"""Duration of an energy measurement, since counters are updated only from time to time."""


def main() -> None:
    """Prints `lengths` (milliseconds of each step per length, artefact and round), `batched`
    (milliseconds per artefact and round, null if a runtime runs one utterance at a time), `energy`
    (joules per utterance and artefact, or why it is unknown), `roof` and `conditions`.
    """
    request = read_request()
    processors = pin_threads(request["threads"])
    device, gpu = request["device"], request["device"].startswith("cuda")
    runtime = runtime_of(request)
    paths = [Path(path) for path in request["artefacts"]]
    generator = random.Random(request["seed"])
    clocks_before = clocks(device) if gpu else None

    def time_load(recognisers: list[Recogniser], number: int) -> _Load:
        rounds = Rounds(recognisers, device, generator, request["warmup"])
        return _time_load(rounds, request, number)

    def load_artefact(path: Path) -> Recogniser:
        return runtime.load(path, device)

    loads = repeat_loads(load_artefact, paths, request["loads"], generator, time_load)
    batched = concatenated(load.batched for load in loads if load.batched)
    conditions: dict[str, Any] = {
        "processors": processors,
        "warmup_most": max(load.longest_warmup for load in loads),
    }
    if gpu:
        conditions["clocks"] = [clocks_before, clocks(device)]
    result = {
        "lengths": [
            concatenated(parts) for parts in zip(*(load.lengths for load in loads), strict=True)
        ],
        "batched": [[step.total for step in arm] for arm in batched] or None,
        "energy": loads[-1].energy,
        "roof": asdict(measure_roof(device)),
        "conditions": conditions,
    }
    print(json.dumps(result))


class _Load(NamedTuple):
    """The times of one load; only the last load has `energy`."""

    lengths: list[Arms]
    batched: Arms | None
    energy: list[float] | str | None
    longest_warmup: int


def _time_load(rounds: Rounds, request: Mapping[str, Any], load: int) -> _Load:
    main_length, *others = [[probe(seconds)] for seconds in request["seconds"]]
    lengths = [rounds.run(main_length, rounds_of_loads(request["runs"], request["loads"])[load])]
    lengths += [rounds.run(waveforms, SIDE_ROUNDS) for waveforms in others]
    batched = None
    if all(recogniser.batch_seconds for recogniser in rounds.recognisers):
        batched = rounds.run(main_length * request["batch"], SIDE_ROUNDS)
    energy = rounds.energy(main_length) if load == request["loads"] - 1 else None
    return _Load(lengths, batched, energy, rounds.longest_warmup)


def repeat_loads(
    load: Callable[[Path], Recogniser],
    paths: Sequence[Path],
    loads: int,
    generator: random.Random,
    measure: Callable[[list[Recogniser], int], Result],
) -> list[Result]:
    """The results of `measure` for repeated loads of all `paths` in random order.

    `measure` gets the recognisers, in the order of `paths`, and the number of the load.
    """
    # In ONNX Runtime the first file that a process loads stays some percent slower than the same
    # file loaded again, as long as both are kept. So one more copy is loaded, which is not timed.
    _first = load(paths[0])
    results = []
    for number in range(loads):
        order = generator.sample(range(len(paths)), len(paths))
        loaded = {arm: load(paths[arm]) for arm in order}
        results.append(measure([loaded[arm] for arm in range(len(paths))], number))
        del loaded
        gc.collect()  # before the next ones are loaded
    return results


def concatenated(loads: Iterable[Arms]) -> Arms:
    """The rounds of all loads in order, by artefact."""
    return [list(chain.from_iterable(parts)) for parts in zip(*loads, strict=True)]


class Rounds:
    """Runs recognisers in turn; in every round each runs once, in random order."""

    def __init__(
        self,
        recognisers: Sequence[Recogniser],
        device: str,
        generator: random.Random,
        window: int,
    ) -> None:
        self.recognisers = recognisers
        self.device = device
        self.generator = generator
        self.window = window
        self.longest_warmup = 0

    def run(self, waveforms: Sequence[Waveform], rounds: int) -> Arms:
        """Times of one batch of `waveforms`, by recogniser and round."""
        for recogniser in self.recognisers:
            run = partial(self._timed, recogniser, waveforms)
            self.longest_warmup = max(self.longest_warmup, warm_up(run, self.window))
        times: list[list[Steps]] = [[] for _ in self.recognisers]
        order = list(range(len(self.recognisers)))
        for _ in range(rounds):
            self.generator.shuffle(order)
            for arm in order:
                times[arm].append(self._timed(self.recognisers[arm], waveforms))
        return times

    def energy(self, waveforms: Sequence[Waveform]) -> list[float] | str:
        """Joules of one batch of `waveforms` by recogniser, or why they are unknown."""
        meter = find_meter(self.device)
        if isinstance(meter, str):
            return meter
        return [self._joules(recogniser, waveforms, meter) for recogniser in self.recognisers]

    def _joules(self, recogniser: Recogniser, waveforms: Sequence[Waveform], meter: Meter) -> float:
        runs, end = 0, time.monotonic() + ENERGY_SECONDS
        before = meter.readings()
        while time.monotonic() < end:
            self._timed(recogniser, waveforms)
            runs += 1
        return meter.joules(before, meter.readings()) / runs

    def _timed(self, recogniser: Recogniser, waveforms: Sequence[Waveform]) -> Steps:
        return time_steps(recogniser, waveforms, self.device)


def warm_up(run: Callable[[], Steps], window: int) -> int:
    """Call `run` until its time is stable; returns the number of calls.

    The time is stable if the medians of two successive windows differ by less than 5 %. Warm-up
    ends after four windows in any case.
    """
    times: list[float] = []
    while len(times) < 4 * window:
        times += [run().total for _ in range(window)]
        before, last = times[-2 * window : -window], times[-window:]
        if before and abs(statistics.median(last) / statistics.median(before) - 1) < STABLE:
            break
    return len(times)


if __name__ == "__main__":
    main()
