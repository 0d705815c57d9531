"""Differences on the same utterances: against SciPy's bootstrap and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.paired import Stratum, paired_difference
from benchmark.statistics.student import Part, combined, two_sided_p

RNG = np.random.default_rng(7)


def stratum(size: int, speakers: int | None = None, gain: float = 0.0) -> Stratum:
    lengths = RNG.integers(4, 15, size).astype(float)
    difficulty = RNG.beta(2, 6, size)
    a = RNG.binomial(lengths.astype(int), difficulty).astype(float)
    b = RNG.binomial(lengths.astype(int), np.clip(difficulty + gain, 0, 1)).astype(float)
    names = [None if speakers is None else f"s{i % speakers}" for i in range(size)]
    return Stratum(a, b, lengths, tuple(names))


def scipy_bootstrap(one: Stratum, statistic: str) -> stats._resampling.BootstrapResult:
    def difference(a: np.ndarray, b: np.ndarray, n: np.ndarray, axis: int) -> np.ndarray:
        rate_a, rate_b = a.sum(axis) / n.sum(axis), b.sum(axis) / n.sum(axis)
        return rate_b - rate_a if statistic == "absolute" else rate_b / rate_a - 1

    return stats.bootstrap(
        (one.errors_a, one.errors_b, one.lengths),
        difference,
        paired=True,
        vectorized=True,
        n_resamples=5000,
        method="percentile",
        rng=np.random.default_rng(0),
    )


def test_sampling_error_and_interval_agree_with_scipy() -> None:
    one = stratum(400, gain=0.03)
    found = paired_difference([one])
    independent = scipy_bootstrap(one, "absolute")
    error = np.sqrt(found.error.variance)
    assert error == pytest.approx(independent.standard_error, rel=0.06)
    low, high = independent.confidence_interval
    assert found.absolute - 1.96 * error == pytest.approx(low, abs=0.15 * error)
    assert found.absolute + 1.96 * error == pytest.approx(high, abs=0.15 * error)
    relative = np.sqrt(found.relative_error.variance)
    assert relative == pytest.approx(scipy_bootstrap(one, "relative").standard_error, rel=0.06)


def test_speakers_are_resampled_whole() -> None:
    # Eight utterances of one speaker that err alike are one observation, not eight.
    single = stratum(30)
    eightfold = Stratum(
        np.repeat(single.errors_a, 8),
        np.repeat(single.errors_b, 8),
        np.repeat(single.lengths, 8),
        tuple(f"s{i // 8}" for i in range(240)),
    )
    blind = Stratum(eightfold.errors_a, eightfold.errors_b, eightfold.lengths, (None,) * 240)
    by_speaker = paired_difference([eightfold]).error
    assert by_speaker.degrees == 29
    assert by_speaker.variance == pytest.approx(paired_difference([single]).error.variance, rel=0.1)
    assert by_speaker.variance > 6 * paired_difference([blind]).error.variance


def test_languages_weigh_the_same_whatever_their_size() -> None:
    large, small = stratum(500), stratum(20, gain=0.3)
    found = paired_difference([large, small])
    rates = [float(s.errors_b.sum() / s.lengths.sum()) for s in (large, small)]
    assert found.rate_b == pytest.approx(np.mean(rates))
    parts = [paired_difference([large], 0).error, paired_difference([small], 1).error]
    assert found.error.variance == pytest.approx(sum(p.variance for p in parts) / 4, rel=1e-6)


def test_the_same_errors_differ_by_nothing() -> None:
    one = stratum(50, speakers=5)
    same = Stratum(one.errors_a, one.errors_a, one.lengths, one.speakers)
    found = paired_difference([same])
    assert found.absolute == 0
    assert found.error.variance == pytest.approx(0, abs=1e-30)


def test_the_same_seed_gives_the_same_numbers() -> None:
    one = stratum(50, speakers=5)
    assert paired_difference([one], 3) == paired_difference([one], 3)


def test_a_perfect_baseline_has_no_relative_difference() -> None:
    one = stratum(50)
    perfect = Stratum(np.zeros(50), one.errors_b, one.lengths, one.speakers)
    assert np.isnan(paired_difference([perfect]).relative)


@pytest.mark.parametrize(("speakers", "interaction"), [(4, 0.0), (4, 0.4), (10, 0.4), (60, 0.4)])
def test_interval_covers_what_it_says(speakers: int, interaction: float) -> None:
    # 93 to 97 % at 2,000 pairs is shown by performance/gate_simulation.py; here 300 must be near.
    generator = np.random.default_rng(speakers)
    size, covered, trials = 240, 0, 300
    index = np.arange(size) % speakers
    for _ in range(trials):
        errors = []
        for _ in range(2):
            own = generator.normal(0, interaction, speakers)[index]
            errors.append(generator.binomial(8, 1 / (1 + np.exp(1.4 - own))).astype(float))
        one = Stratum(errors[0], errors[1], np.full(size, 8.0), tuple(map(str, index)))
        found = paired_difference([one])
        covered += two_sided_p(found.absolute, found.error) >= 0.05
    assert 0.92 <= covered / trials <= 0.98


def test_welch_satterthwaite_for_two_equal_parts() -> None:
    assert combined([Part(1.0, 5), Part(1.0, 5)]) == Part(2.0, 10)
    assert two_sided_p(2.0, Part(1.0, 10)) == pytest.approx(2 * stats.t.sf(2, 10))
