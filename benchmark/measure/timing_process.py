"""The process that times artefacts in turn and does nothing else, `python -m` this module.

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
"""Rounds of each further length and of the batch after each load: enough for medians."""

STABLE = 0.05
"""Warmed up is what has not moved by more than this between two windows of runs."""

ENERGY_SECONDS = 1.0
"""How long an artefact runs for its energy, since counters are renewed only now and then."""


def main() -> None:
    """Prints `lengths` (per length, artefact and round the milliseconds of each step), `batched`
    (per artefact and round milliseconds, null where a runtime takes one utterance at a time),
    `energy` (joules per utterance by artefact, or the reason why not), `roof` and `conditions`.
    """
    request = read_request()
    processors = pin_threads(request["threads"])
    device, gpu = request["device"], request["device"].startswith("cuda")
    runtime = runtime_of(request)
    paths = [Path(path) for path in request["artefacts"]]
    generator = random.Random(request["seed"])
    clocks_before = clocks(device) if gpu else None

    def one_load(recognisers: list[Recogniser], number: int) -> _Load:
        rounds = Rounds(recognisers, device, generator, request["warmup"])
        return _one_load(rounds, request, number)

    def load(path: Path) -> Recogniser:
        return runtime.load(path, device)

    loads = repeat_loads(load, paths, request["loads"], generator, one_load)
    batched = concatenated(one.batched for one in loads if one.batched)
    conditions: dict[str, Any] = {
        "processors": processors,
        "warmup_most": max(one.longest_warmup for one in loads),
    }
    if gpu:
        conditions["clocks"] = [clocks_before, clocks(device)]
    result = {
        "lengths": [
            concatenated(parts) for parts in zip(*(one.lengths for one in loads), strict=True)
        ],
        "batched": [[step.total for step in arm] for arm in batched] or None,
        "energy": loads[-1].energy,
        "roof": asdict(measure_roof(device)),
        "conditions": conditions,
    }
    print(json.dumps(result))


class _Load(NamedTuple):
    """What one load gave; `energy` of the last alone."""

    lengths: list[Arms]
    batched: Arms | None
    energy: list[float] | str | None
    longest_warmup: int


def _one_load(rounds: Rounds, request: Mapping[str, Any], load: int) -> _Load:
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
    """What `measure` finds with all `paths` loaded anew, in random order, so many times.

    It is given what was loaded, in the order of `paths`, and the number of the load.
    """
    # In ONNX Runtime the first file that a process loads stays some percent slower than the same
    # file loaded again, while both are kept. So one more is loaded than is timed.
    _first = load(paths[0])
    found = []
    for number in range(loads):
        order = generator.sample(range(len(paths)), len(paths))
        loaded = {arm: load(paths[arm]) for arm in order}
        found.append(measure([loaded[arm] for arm in range(len(paths))], number))
        del loaded
        gc.collect()  # before the next ones are loaded
    return found


def concatenated(loads: Iterable[Arms]) -> Arms:
    """By arm, the rounds of one load behind those of another."""
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
        """Joules of one batch of `waveforms` by recogniser, or why they are not known."""
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
    """Call `run` until its time is stable, and return how often that was.

    Stable are two windows, one after the other, whose medians differ by less than 5 %; four
    windows without that end it too.
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
