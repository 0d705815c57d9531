"""Percentiles are stated from as many runs as early stopping in MLPerf asks for."""

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.percentiles import min_runs, percentile_of, upper_bound


# Fewest queries of the early-stopping tables in MLPerf inference's rules, for confidence 0.99.
@pytest.mark.parametrize(("percentile", "runs"), [(0.5, 11), (0.9, 64), (0.95, 130), (0.99, 662)])
def test_fewest_runs_are_those_of_mlperf(percentile, runs):
    assert min_runs(percentile) == runs
    assert percentile_of(range(runs), percentile) == pytest.approx(percentile * (runs - 1))
    assert percentile_of(range(runs - 1), percentile) is None
    assert upper_bound(range(runs - 1), percentile) is None


# Overlatency queries that MLPerf leaves out, one fewer than these, for the 90th percentile.
@pytest.mark.parametrize(("runs", "over"), [(64, 1), (200, 10), (1000, 78)])
def test_the_bound_leaves_out_as_many_runs_as_mlperf(runs, over):
    assert upper_bound(range(1, runs + 1), 0.9) == runs - over + 1
    assert stats.binom.cdf(over, runs, 0.1) <= 0.01 < stats.binom.cdf(over + 1, runs, 0.1)


def test_the_bound_is_above_the_true_percentile_as_often_as_it_says():
    generator = np.random.default_rng(0)
    truth = -np.log(0.1)
    bounds = [upper_bound(generator.exponential(size=130), 0.9) for _ in range(1000)]
    assert np.mean([bound >= truth for bound in bounds]) >= 0.985


def test_order_does_not_matter():
    runs = list(np.random.default_rng(1).exponential(size=200))
    assert upper_bound(runs, 0.9) == upper_bound(sorted(runs), 0.9)
