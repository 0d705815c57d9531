"""Compares combinations of one results folder with each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmark.errors import DataError
from benchmark.evidence.comparison import Comparison, compare_pairs, lineage
from benchmark.evidence.pairing import Pair, Runs, pair, systems
from benchmark.evidence.side import AXES, Side
from benchmark.statistics.holm import holm
from benchmark.statistics.noise import Replicates, SeedNoise, pooled_noise

LEVEL = 0.05
"""The significance level for p-values corrected by Holm's method."""

COMBINATION = tuple(axis for axis in AXES if axis not in ("language", "draw"))
AFTER_TRAINING = ("compression", "runtime")
"""Axes on which artefacts of one trained model may differ."""

Key = tuple[str, ...]
Place = tuple[str, str]
"""Language and draw."""


@dataclass(frozen=True)
class Roster:
    """The combinations of a side that have results.

    runs   by combination, then by language and draw
    rates  error rate of each seed by the own metric of the language, in the same order
    noise  seed noise pooled over all combinations; None if none has several seeds
    """

    side: Side
    runs: dict[Key, dict[Place, Runs]]
    rates: dict[Key, dict[Place, dict[int, float]]]
    noise: SeedNoise | None


def build_roster(side: Side) -> Roster:
    """Build the roster of a side. Raises UserError if two cells agree on all axes and the seed."""
    runs: dict[Key, dict[Place, Runs]] = defaultdict(dict)
    rates: dict[Key, dict[Place, dict[int, float]]] = defaultdict(dict)
    repeats = []
    for values, system in systems(side).items():
        axes = dict(zip(AXES, values, strict=True))
        if not system.records.empty:
            key, place = _key(axes), (axes["language"], axes["draw"])
            metric = str(system.records["metric"].iloc[0])
            own = system.records[metric].to_numpy(np.float64)
            runs[key][place] = system
            rates[key][place] = dict(zip(system.seeds, own, strict=True))
            repeats.append(Replicates(lineage(axes), own))
    return Roster(side, dict(runs), dict(rates), pooled_noise(repeats))


def compare_family(
    roster: Roster, reference: Mapping[str, str], others: Sequence[Mapping[str, str]]
) -> list[Comparison | None]:
    """Compare each of `others` (B) with `reference` (A), as one family for Holm's correction.

    A comparison is None if the two have no utterances in common.
    """
    comparisons = [compare(roster, reference, other) for other in others]
    adjusted = iter(holm([item.p for item in comparisons if item]))
    return [item and replace(item, p_holm=next(adjusted)) for item in comparisons]


def compare(roster: Roster, a: Mapping[str, str], b: Mapping[str, str]) -> Comparison | None:
    """Compare combination `b` with `a` over the languages and draws that both have."""
    pairs = pairs_of(roster, a, b)
    if not pairs:
        return None
    same_training = all(a[axis] == b[axis] for axis in COMBINATION if axis not in AFTER_TRAINING)
    noise = shared_noise(roster, a, b) if same_training else roster.noise
    return compare_pairs({}, pairs, noise)


def pairs_of(roster: Roster, a: Mapping[str, str], b: Mapping[str, str]) -> list[Pair]:
    """Pairs in each language and draw that both combinations have; none if any cannot be paired."""
    ours, theirs = roster.runs.get(_key(a), {}), roster.runs.get(_key(b), {})
    pairs = []
    for place in ours:
        if place in theirs:
            axes = {**b, "language": place[0], "draw": place[1]}
            try:
                pairs.append(
                    pair(axes, ours[place], theirs[place], roster.side, roster.side, "own")
                )
            except DataError:
                return []
    return pairs


def shared_noise(roster: Roster, a: Mapping[str, str], b: Mapping[str, str]) -> SeedNoise | None:
    """Seed noise of the difference between two artefacts of one trained model.

    The error rates of the two vary together with the seed, so the noise of single rates would be
    far too large. The noise is pooled over every trained model that has both kinds of artefact. It
    is scaled such that adding it for two independent rates gives the variance of the difference.
    """
    return pooled_noise(_differences(roster, a, b))


def _differences(
    roster: Roster, a: Mapping[str, str], b: Mapping[str, str]
) -> Iterator[Replicates]:
    for key, ours in roster.rates.items():
        axes = dict(zip(COMBINATION, key, strict=True))
        if any(axes[axis] != a[axis] for axis in AFTER_TRAINING):
            continue
        theirs = roster.rates.get(_key({**axes, **{x: b[x] for x in AFTER_TRAINING}}), {})
        for place in ours.keys() & theirs.keys():
            seeds = ours[place].keys() & theirs[place].keys()
            rates_a = np.array([ours[place][seed] for seed in sorted(seeds)])
            rates_b = np.array([theirs[place][seed] for seed in sorted(seeds)])
            if len(seeds) > 1:
                change = rates_b - rates_a
                scale = np.hypot(rates_a.mean(), rates_b.mean())
                yield Replicates(lineage(axes), scale + change - change.mean())


def _key(axes: Mapping[str, str]) -> Key:
    return tuple(axes[axis] for axis in COMBINATION)
