"""The difference between two sides with all its statistics, for one system or several together."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.evidence.pairing import Pair
from benchmark.statistics.detectable import smallest_detectable
from benchmark.statistics.mapsswe import mapsswe
from benchmark.statistics.noise import Replicates, SeedNoise, pooled_noise
from benchmark.statistics.paired import Stratum, paired_difference
from benchmark.statistics.permutation import permutation_p
from benchmark.statistics.student import Part, combined, quantile, two_sided_p


@dataclass(frozen=True)
class Comparison:
    """Error rates of A and B (fractions) on the same utterances; positive differences favour A.

    axes           axis values that all compared cells share; empty for all systems together
    low, high      95 % interval of the difference, `relative_low` and `relative_high` likewise
    p              the p-value for decisions: the larger of `p_permutation` and the p-value of the
                   interval, which generalises to other speakers and seeds
    p_holm         `p` adjusted for all rows of its table
    p_mapsswe      p-value of NIST's matched-pairs test, for comparison with other work
    detectable     the smallest difference that is detectable with 80 % power
    num_speakers   0 if the speakers of a language are unknown
    """

    axes: dict[str, str]
    languages: tuple[str, ...]
    num_utterances: int
    num_speakers: int
    num_seeds_a: int
    num_seeds_b: int
    rate_a: float
    rate_b: float
    difference: float
    low: float
    high: float
    relative: float
    relative_low: float
    relative_high: float
    p: float
    p_permutation: float
    p_mapsswe: float
    p_holm: float
    detectable: float


def compare_pairs(
    axes: dict[str, str], pairs: Sequence[Pair], noise: SeedNoise | None
) -> Comparison:
    """Compare the macro average over languages of the mean over the cells of each language.

    Without `noise` the interval only covers the sampling of test utterances and speakers.
    """
    strata = _strata(pairs)
    paired = paired_difference(strata)
    absolute = combined([paired.error, _seed_error(pairs, noise, paired.rate_a, paired.rate_b)])
    scaled = paired.rate_b / paired.rate_a if paired.rate_a else 0.0
    relative = combined([paired.relative_error, _seed_error(pairs, noise, scaled, scaled)])
    low, high = _interval(paired.absolute, absolute)
    relative_low, relative_high = _interval(paired.relative, relative)
    p_permutation = permutation_p(strata)
    p = max(p_permutation, two_sided_p(paired.absolute, absolute))
    speakers = [len(set(s.speakers)) if s.clusters is not None else 0 for s in strata]
    return Comparison(
        axes=axes,
        languages=tuple(dict.fromkeys(p.axes["language"] for p in pairs)),
        num_utterances=sum(len(s.lengths) for s in strata),
        num_speakers=sum(speakers) if all(speakers) else 0,
        num_seeds_a=min(len(pair.a.seeds) for pair in pairs),
        num_seeds_b=min(len(pair.b.seeds) for pair in pairs),
        rate_a=paired.rate_a,
        rate_b=paired.rate_b,
        difference=paired.absolute,
        low=low,
        high=high,
        relative=paired.relative,
        relative_low=relative_low,
        relative_high=relative_high,
        p=p,
        p_permutation=p_permutation,
        p_mapsswe=mapsswe(strata).p,
        p_holm=p,
        detectable=smallest_detectable(absolute),
    )


def measure_noise(pairs: Iterable[Pair]) -> SeedNoise | None:
    """Measure seed noise from all cells of both sides that have several seeds."""
    systems = []
    for pair in pairs:
        for side, errors in (("a", pair.errors_a), ("b", pair.errors_b)):
            rates = errors.sum(axis=1) / pair.lengths.sum()
            systems.append(Replicates(f"{side} {lineage(pair.axes)}", rates))
    return pooled_noise(systems)


def _strata(pairs: Sequence[Pair]) -> list[Stratum]:
    """One stratum per language, its errors averaged over the cells that share its test set."""
    return average_strata([((pair.axes["language"], pair.uids), pair.stratum) for pair in pairs])


def average_strata(strata: Sequence[tuple[Hashable, Stratum]]) -> list[Stratum]:
    """Average the strata of each test set into one; `strata` holds (test set, stratum) pairs."""
    groups: dict[Hashable, list[Stratum]] = defaultdict(list)
    for test_set, stratum in strata:
        groups[test_set].append(stratum)
    return [
        Stratum(
            np.mean([s.errors_a for s in group], axis=0),
            np.mean([s.errors_b for s in group], axis=0),
            group[0].lengths,
            group[0].speakers,
        )
        for group in groups.values()
    ]


def _seed_error(
    pairs: Sequence[Pair], noise: SeedNoise | None, rate_a: float, rate_b: float
) -> Part:
    """The error of the difference due to seeds. Errors of cells of one lineage are correlated."""
    if noise is None or all(pair.identical for pair in pairs):
        return Part(0.0, math.inf)
    lineages = len({lineage(pair.axes) for pair in pairs})
    seeds_a = min(len(pair.a.seeds) for pair in pairs)
    seeds_b = min(len(pair.b.seeds) for pair in pairs)
    variance = noise.relative**2 * (rate_a**2 / seeds_a + rate_b**2 / seeds_b) / lineages
    return Part(variance, noise.degrees)


def lineage(axes: Mapping[str, str]) -> str:
    """The name of the meta-training that cells share."""
    return "/".join(axes.get(axis, "") for axis in ("model", "method", "outer"))


def _interval(estimate: float, error: Part) -> tuple[float, float]:
    half = quantile(0.975, error.degrees) * math.sqrt(error.variance)
    return estimate - half, estimate + half
