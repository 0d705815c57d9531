"""The interval of a macro average follows the textbook and is honest about few seeds."""

import math

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.estimate import Estimate, estimates
from benchmark.statistics.student import quantile


def estimate(rates: np.ndarray, half_widths: np.ndarray) -> Estimate:
    return Estimate(*estimates(rates, half_widths).tolist())


@pytest.mark.parametrize("degrees", [1, 1.4, 2, 2.5, 3, 3.7, 5, 7.2, 15, 60, 1e6, math.inf])
def test_student_quantile_agrees_with_scipy(degrees: float) -> None:
    assert quantile(0.975, degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=1e-8)


def test_one_cell_keeps_its_own_interval() -> None:
    result = estimate(np.array([[0.4]]), np.array([[0.03]]))
    assert (result.rate, result.low, result.high) == pytest.approx((0.4, 0.37, 0.43))


def test_independent_languages_narrow_the_interval_by_the_square_root() -> None:
    result = estimate(np.array([[0.4, 0.2, 0.3, 0.5]]), np.full((1, 4), 0.04))
    assert result.rate == pytest.approx(0.35)
    assert result.half_width == pytest.approx(0.02)


def test_without_test_noise_the_seeds_give_the_t_interval_of_scipy() -> None:
    seeds = np.array([0.30, 0.34, 0.29, 0.33])
    result = estimate(seeds[:, None], np.zeros((4, 1)))
    low, high = stats.t.interval(0.95, 3, loc=seeds.mean(), scale=stats.sem(seeds))
    assert (result.low, result.high) == pytest.approx((low, high), rel=1e-12)


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_seeds_and_utterances_join_with_the_degrees_of_welch_and_satterthwaite(seeds: int) -> None:
    rates = np.linspace(0.30, 0.36, seeds)[:, None]
    test, seed = (0.02 / stats.norm.ppf(0.975)) ** 2, float(rates.var(ddof=1)) / seeds
    degrees = (seeds - 1) * (test + seed) ** 2 / seed**2
    expected = stats.t.ppf(0.975, degrees) * math.sqrt(test + seed)
    result = estimate(rates, np.full((seeds, 1), 0.02))
    assert result.half_width == pytest.approx(expected, rel=1e-12)


def test_two_seeds_that_disagree_widen_the_interval_more_than_the_normal_quantile() -> None:
    result = estimate(np.array([[0.30], [0.36]]), np.full((2, 1), 0.01))
    naive = 1.96 * math.hypot(0.01 / 1.96, 0.03)
    assert result.half_width > 2 * naive


def test_interval_covers_the_truth_in_about_95_of_100_repetitions() -> None:
    rng = np.random.default_rng(3)
    repetitions, covered = 2000, 0
    for _ in range(repetitions):
        test_noise = rng.normal(0, 0.02, size=(1, 3))
        seed_noise = rng.normal(0, 0.015, size=(3, 1))
        result = estimate(0.4 + test_noise + seed_noise, np.full((3, 3), 1.96 * 0.02))
        covered += result.low <= 0.4 <= result.high
    assert 0.93 < covered / repetitions < 0.99


def test_a_seed_without_all_languages_counts_for_the_languages_it_has() -> None:
    rates = np.array([[0.2, 0.4], [0.3, np.nan]])
    assert estimate(rates, np.full((2, 2), 0.02)).rate == pytest.approx((0.25 + 0.4) / 2)


def test_an_unknown_interval_is_never_told_apart() -> None:
    unknown = estimate(np.array([[0.1]]), np.array([[np.nan]]))
    assert math.isnan(unknown.low)
    assert not unknown.disjoint_from(Estimate(0.9, 0.89, 0.91))


def test_intervals_that_overlap_cannot_be_told_apart() -> None:
    assert not Estimate(0.30, 0.28, 0.32).disjoint_from(Estimate(0.33, 0.31, 0.35))
    assert Estimate(0.30, 0.28, 0.32).disjoint_from(Estimate(0.36, 0.33, 0.39))


def test_many_combinations_at_once_are_those_one_by_one_and_lack_what_they_lack() -> None:
    rng = np.random.default_rng(0)
    rates, halves = rng.uniform(0, 1, (2, 50, 3, 4))
    rates[rng.uniform(size=rates.shape) < 0.3] = np.nan
    rates[0] = np.nan
    halves[1, :, 2] = np.nan
    together = estimates(rates, halves)
    alone = [estimates(r, h) for r, h in zip(rates, halves, strict=True)]
    np.testing.assert_array_equal(together, alone)
    assert np.isnan(together[0]).all()
    for i in range(2, 50):
        there = ~np.isnan(rates[i]).all(axis=0)
        means = np.nanmean(rates[i][:, there], axis=0)
        assert together[i, 0] == pytest.approx(means.mean())
        assert together[i] == pytest.approx(estimates(rates[i][:, there], halves[i][:, there]))
