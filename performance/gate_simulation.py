"""How often the regression gate cries wolf, and what it finds, on simulated pairs of runs.

    python performance/gate_simulation.py [--pairs 2000]

Each line simulates pairs of runs of 8-word utterances, with 20 % word errors unless it says
otherwise, and judges them by the gate's own functions. Tolerances are zero, so that the test alone
decides. The unpaired test beside it is a two-sample z-test over utterances. Results stand in
docs/statistics.md.
"""

from __future__ import annotations

import argparse
import math
import zlib
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from benchmark.evidence.collapse import judge_collapse
from benchmark.evidence.comparison import measure_noise
from benchmark.evidence.gate import compare_cells
from benchmark.evidence.judge import judge_errors
from benchmark.evidence.pairing import Pair, Runs
from benchmark.evidence.verdict import Verdict
from benchmark.statistics.noise import SeedNoise
from benchmark.suite.thresholds import Thresholds

WORDS = 8
RATE = 0.2


@dataclass(frozen=True)
class World:
    """How utterances, speakers and seeds behave.

    correlated     the share of words on which both systems meet the same luck
    difficulty     deviation (log odds) of an utterance's error rate, the same for both systems
    speaker        the same for a speaker
    interaction    the same for a speaker with one of the two systems
    seed_noise     relative deviation of the error rate from training to training
    loss           relative loss of system B
    rate           error rate of an utterance of no particular difficulty
    """

    name: str
    utterances: int = 300
    speakers: int = 50
    correlated: float = 0.0
    difficulty: float = 0.0
    speaker: float = 0.0
    interaction: float = 0.0
    seed_noise: float = 0.0
    seeds: int = 1
    cells: int = 1
    loss: float = 0.0
    rate: float = RATE


HARD = World("", correlated=0.6, difficulty=1.0, speaker=0.4, interaction=0.15)
SMALL = {"utterances": 16, "speakers": 4, "seed_noise": 0.08}
WORLDS = [
    World("same, uncorrelated errors, 50 speakers"),
    World("same, uncorrelated errors, 4 speakers", speakers=4),
    replace(HARD, name="same, correlated errors, 50 speakers"),
    replace(HARD, name="same, correlated errors, 12 speakers", speakers=12),
    replace(HARD, name="same, correlated errors, 4 speakers", speakers=4),
    replace(HARD, name="same, 12 cells, correlated errors, 12 speakers", speakers=12, cells=12),
    replace(HARD, name="same, 4 cells, seeds differ by 8 %, one seed", seed_noise=0.08, cells=4),
    replace(
        HARD, name="same, 4 cells, seeds differ by 5 %, 2 seeds", seed_noise=0.05, cells=4, seeds=2
    ),
    replace(
        HARD, name="same, 4 cells, seeds differ by 10 %, 3 seeds", seed_noise=0.1, cells=4, seeds=3
    ),
    replace(HARD, name="same, 4 cells, seeds differ by 16 %, one seed", seed_noise=0.16, cells=4),
    replace(HARD, name="same, 6 cells of 16 utterances, 90 % errors", cells=6, **SMALL, rate=0.9),
    replace(HARD, name="same, 6 cells of 16 utterances, 97 % errors", cells=6, **SMALL, rate=0.97),
    replace(HARD, name="collapse, 6 cells from 90 % errors", cells=6, **SMALL, rate=0.9, loss=9.0),
    World("10 % loss, uncorrelated errors, 50 speakers", utterances=1000, loss=0.1),
    replace(HARD, name="10 % loss, correlated errors, 50 speakers", utterances=1000, loss=0.1),
    replace(
        HARD,
        name="10 % loss, correlated errors, 50 speakers, interaction 0",
        utterances=1000,
        loss=0.1,
        interaction=0.0,
    ),
    replace(HARD, name="20 % loss, correlated errors, 50 speakers", utterances=1000, loss=0.2),
    replace(
        HARD,
        name="20 % loss, correlated errors, 4 speakers",
        utterances=1000,
        loss=0.2,
        speakers=4,
    ),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=2000)
    pairs = parser.parse_args().pairs
    print("| pairs of runs | regressed | unpaired test | interval covers | detectable |")
    print("|---|---|---|---|---|")
    for world in WORLDS:
        print(simulate(world, pairs), flush=True)


def simulate(world: World, num_pairs: int) -> str:
    generator = np.random.default_rng(zlib.crc32(world.name.encode()))
    strict = Thresholds(relative=0.0)
    assumed = SeedNoise(strict.seed_noise if world.seed_noise else 0.0, math.inf)
    truth = expected_loss(world, generator)
    regressed = unpaired = covered = 0
    detectable = 0.0
    for _ in range(num_pairs):
        cells = draw(world, generator)
        together, rows = compare_cells(cells, measure_noise(cells) or assumed)
        found = [judge_errors(row, strict).verdict for row in (together, *rows)]
        lost = [judge_collapse(cell, strict.level / (2 * len(cells))) for cell in cells]
        found += [one.verdict for one in lost if one]
        regressed += Verdict.REGRESSED in found
        unpaired += unpaired_z(cells[0]) > 1.96
        covered += together.low <= truth <= together.high
        detectable += together.detectable / together.rate_a / num_pairs
    shares = [f"{100 * n / num_pairs:.1f} %" for n in (regressed, unpaired, covered)]
    return f"| {world.name} | {' | '.join(shares)} | {100 * detectable:.0f} % |"


def expected_loss(world: World, generator: np.random.Generator) -> float:
    """By how much the error rate of system B is higher, over all speakers and utterances."""
    spread = math.hypot(world.difficulty, world.speaker, world.interaction)
    odds = math.log(world.rate / (1 - world.rate)) + generator.normal(0, spread, 1_000_000)
    rates = 1 / (1 + np.exp(-odds))
    return float((np.minimum((1 + world.loss) * rates, 1) - rates).mean())


def draw(world: World, generator: np.random.Generator) -> list[Pair]:
    """The cells of two runs; they share utterances and speakers, not trainings."""
    speaker = generator.permutation(np.arange(world.utterances) % world.speakers)
    hard = generator.normal(0, world.difficulty, world.utterances)
    hard += generator.normal(0, world.speaker, world.speakers)[speaker]
    return [_cell(world, cell, speaker, hard, generator) for cell in range(world.cells)]


def _cell(
    world: World, cell: int, speaker: np.ndarray, hard: np.ndarray, generator: np.random.Generator
) -> Pair:
    size = (world.seeds, world.utterances, WORDS)
    common = generator.random(size)
    errors = []
    for scale in (1.0, 1.0 + world.loss):
        own = generator.normal(0, world.interaction, world.speakers)[speaker]
        odds = math.log(world.rate / (1 - world.rate)) + hard + own
        noise = 1 + world.seed_noise * generator.standard_normal((world.seeds, 1))
        rate = np.clip(scale * noise / (1 + np.exp(-odds)), 0, 1)
        luck = np.where(generator.random(size) < world.correlated, common, generator.random(size))
        errors.append((luck < rate[..., None]).sum(axis=2).astype(float))
    records = pd.DataFrame({"seed": range(world.seeds), "status": "ok", "metric": "wer"})
    runs = Runs(records, pd.DataFrame())
    uids = tuple(map(str, range(world.utterances)))
    axes = {"method": str(cell), "language": "xx"}
    lengths = np.full(world.utterances, float(WORDS))
    return Pair(axes, runs, runs, uids, tuple(map(str, speaker)), lengths, *errors, 0, 0)


def unpaired_z(pair: Pair) -> float:
    a, b = pair.stratum.errors_a, pair.stratum.errors_b
    spread = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / len(a))
    return float(b.mean() - a.mean()) / spread if spread else 0.0


if __name__ == "__main__":
    main()
