"""Combinations of one results folder against each other."""

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
"""Two combinations differ significantly where Holm's p is below this."""

COMBINATION = tuple(axis for axis in AXES if axis not in ("language", "draw"))
AFTER_TRAINING = ("compression", "runtime")
"""Axes in which artefacts of one trained model may differ."""

Key = tuple[str, ...]
Place = tuple[str, str]
"""Language and draw."""


@dataclass(frozen=True)
class Roster:
    """The combinations of a side that have results, each by language and draw.

    `rates` holds the error rate of each seed by the language's own metric; `noise` is what
    training again changes, pooled over all combinations; None with one seed each.
    """

    side: Side
    runs: dict[Key, dict[Place, Runs]]
    rates: dict[Key, dict[Place, dict[int, float]]]
    noise: SeedNoise | None


def build_roster(side: Side) -> Roster:
    """The roster of a side. Raises UserError where two cells of one seed differ in no axis."""
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
    """Each of `others` (B) against `reference` (A), one family for Holm's correction.

    None where the two have no utterances in common.
    """
    comparisons = [compare(roster, reference, other) for other in others]
    adjusted = iter(holm([made.p for made in comparisons if made]))
    return [made and replace(made, p_holm=next(adjusted)) for made in comparisons]


def compare(roster: Roster, a: Mapping[str, str], b: Mapping[str, str]) -> Comparison | None:
    """Combination `b` less combination `a` over the languages and draws that both have."""
    pairs = pairs_of(roster, a, b)
    if not pairs:
        return None
    same_training = all(a[axis] == b[axis] for axis in COMBINATION if axis not in AFTER_TRAINING)
    noise = shared_noise(roster, a, b) if same_training else roster.noise
    return compare_pairs({}, pairs, noise)


def pairs_of(roster: Roster, a: Mapping[str, str], b: Mapping[str, str]) -> list[Pair]:
    """Two combinations in each language and draw that both have; none if one cannot be paired."""
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
    """What training again changes in the difference between two artefacts of one trained model.

    Both change together, so that the noise of the rates would be far too much. Pooled over every
    trained model that has artefacts of both kinds, and scaled such that the noise of two rates
    that are independent gives the variance of the difference.
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
