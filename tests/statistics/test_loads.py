"""Files are loaded several times, and the interval of a ratio knows how much loads differ."""

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.loads import LOADS, ratio_over_loads, rounds_of_loads


def test_all_rounds_are_spread_evenly_over_the_loads():
    assert sum(rounds_of_loads(64, LOADS)) == 64
    assert max(rounds_of_loads(64, LOADS)) - min(rounds_of_loads(64, LOADS)) <= 1


def test_the_interval_is_that_of_a_t_test_on_the_medians_of_loads():
    ratios = np.random.default_rng(0).lognormal(0, 0.1, 64)
    ends = np.cumsum(rounds_of_loads(64, LOADS))[:-1]
    medians = [np.median(part) for part in np.split(ratios, ends)]
    known = stats.ttest_1samp(medians, 1).confidence_interval(0.95)
    value, interval = ratio_over_loads(ratios, LOADS)
    assert value == pytest.approx(np.mean(medians))
    assert interval == pytest.approx((known.low, known.high))


def test_the_interval_covers_the_truth_where_loads_differ_more_than_rounds():
    generator = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        loads = np.repeat(generator.normal(1, 0.02, LOADS), 26)
        _, interval = ratio_over_loads(loads + generator.normal(0, 0.02, len(loads)), LOADS)
        held += interval.low <= 1 <= interval.high
    assert 0.92 <= held / 400 <= 0.98
