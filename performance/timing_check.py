"""Whether timing finds no difference where there is none, and one where there is.

    python performance/timing_check.py [--comparisons 100] [--model conformer_ctc] [--blocks 2]

Each comparison is a process of its own that times, in rounds, a network, the same file loaded once
more, one with twice the blocks, and the duplicate that tells the noise; the rule is that of suites.
What it printed stands in docs/timing.md.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmark.compression.storage.artefact import Header, save_artefact
from benchmark.compression.storage.weight import weights_of
from benchmark.data.features import Features
from benchmark.data.vocabulary import Vocabulary
from benchmark.measure.fresh_process import run_in_fork
from benchmark.measure.latency import ATTEMPTS
from benchmark.measure.quiet import pin_threads, probe
from benchmark.measure.timing_process import Arms, Rounds, concatenated, repeat_loads
from benchmark.measure.validity import difference, invalid
from benchmark.registry import MODELS
from benchmark.runtimes.running.eager import TorchRecogniser
from benchmark.runtimes.running.recogniser import Recogniser
from benchmark.statistics.loads import LOADS, ratio_over_loads, rounds_of_loads
from benchmark.suite.timing import Timing

ARMS = ("itself", "twice the blocks")


class Compared(NamedTuple):
    """Verdicts and ratios on both arms, the width of the noise, and how often it was run."""

    verdicts: tuple[str, ...]
    ratios: tuple[float, ...]
    width: float
    attempts: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comparisons", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="of the first; counts on from there")
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--model", default="conformer_ctc")
    parser.add_argument("--blocks", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        one = artefact(Path(folder, "one"), options.model, options.blocks)
        two = artefact(Path(folder, "two"), options.model, 2 * options.blocks)
        arms = [one, one, two, one]
        found = []
        for seed in range(options.seed, options.seed + options.comparisons):
            found.append(compare(arms, options.seconds, seed))
            print(seed, *found[-1], f"load {os.getloadavg()[0]:.1f}", flush=True)
    print(f"\n{options.model}, {options.blocks} blocks, {options.seconds:g} s of speech")
    print("| timed against the reference | verdicts | ratio, smallest to largest |")
    print("|---|---|---|")
    for arm, name in enumerate(ARMS):
        counts = Counter(one.verdicts[arm] for one in found)
        said = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
        ratios = [one.ratios[arm] for one in found]
        print(f"| {name} | {said} | {min(ratios):.2f} to {max(ratios):.2f} |")
    widths = np.quantile([one.width for one in found], [0.5, 0.95])
    print(f"width of the noise interval: median {widths[0]:.3f}, 95 % below {widths[1]:.3f}")
    print(f"repeated: {sum(one.attempts > 1 for one in found)}")


def artefact(path: Path, model: str, blocks: int) -> Path:
    """A file of an untrained network."""
    vocabulary = Vocabulary("characters", tuple(" abcdefghijklmnopqrstuvwxyz"))
    settings: dict[str, object] = {"blocks": blocks}
    network = MODELS.make(model, settings).build(64, len(vocabulary))
    header = Header(model, settings, 64, vocabulary, Features(), "en", "none", "none")
    save_artefact(path, weights_of(network.state_dict()), header)
    return path


def compare(paths: list[Path], seconds: float, seed: int) -> Compared:
    """One comparison, repeated once if it is invalid."""
    for attempt, factor in enumerate(ATTEMPTS):
        loads = factor * LOADS
        settings = replace(Timing(), runs=factor * Timing().runs, seconds=(seconds,))
        chance = len(ATTEMPTS) * seed + attempt
        runs = np.array(run_in_fork(partial(rounds, paths, settings, loads, chance)))
        ratios = runs[1:] / runs[0]
        *intervals, noise = (ratio_over_loads(ratio, loads)[1] for ratio in ratios)
        reason = invalid(noise)
        if not reason:
            break
    return Compared(
        tuple("invalid" if reason else difference(one, noise) for one in intervals),
        tuple(round(ratio_over_loads(ratio, loads)[0], 3) for ratio in ratios[:-1]),
        round(noise.high - noise.low, 3),
        attempt + 1,
    )


def rounds(paths: list[Path], settings: Timing, loads: int, seed: int) -> list[list[float]]:
    """Milliseconds by arm and round, in a process that has done nothing else."""
    pin_threads(settings.threads)
    generator = random.Random(seed)
    waveforms = [probe(settings.seconds[0])]
    counts = rounds_of_loads(settings.runs, loads)

    def measure(recognisers: list[Recogniser], number: int) -> Arms:
        rounds = Rounds(recognisers, "cpu", generator, settings.warmup)
        return rounds.run(waveforms, counts[number])

    parts = repeat_loads(TorchRecogniser.load, paths, loads, generator, measure)
    return [[step.total for step in arm] for arm in concatenated(parts)]


if __name__ == "__main__":
    main()
