"""Intervals agree with scipy's, follow speakers, and cover the truth as often as they say."""

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.bootstrap import median_interval, rate_interval


def simulated(generator, speakers=20, each=10, spread=0.3):
    """Errors and lengths of utterances by speakers of different difficulty around a rate of 0.3."""
    difficulty = generator.beta(0.3 / spread**2, 0.7 / spread**2, size=speakers)
    lengths = generator.integers(5, 15, size=(speakers, each))
    errors = generator.binomial(lengths, difficulty[:, None])
    names = np.repeat([f"s{i}" for i in range(speakers)], each)
    return errors.ravel(), lengths.ravel(), names.tolist()


def test_by_utterance_it_is_scipys_percentile_interval():
    errors, lengths, _ = simulated(np.random.default_rng(0))
    expected = stats.bootstrap(
        (errors, lengths),
        lambda e, n, axis: e.sum(axis) / n.sum(axis),
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=20000,
        rng=np.random.default_rng(1),
    ).confidence_interval
    found = rate_interval(errors, lengths, [None] * len(errors), seed=0)
    assert found == pytest.approx(tuple(expected), abs=0.004)


def test_by_speaker_it_is_scipys_over_the_sums_of_speakers():
    errors, lengths, speakers = simulated(np.random.default_rng(0))
    expected = stats.bootstrap(
        (errors.reshape(20, 10).sum(1), lengths.reshape(20, 10).sum(1)),
        lambda e, n, axis: e.sum(axis) / n.sum(axis),
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=20000,
        rng=np.random.default_rng(1),
    ).confidence_interval
    found = rate_interval(errors, lengths, speakers, seed=0)
    assert found == pytest.approx(tuple(expected), abs=0.008)


def test_speakers_who_differ_widen_the_interval():
    errors, lengths, speakers = simulated(np.random.default_rng(3))
    by_speaker = rate_interval(errors, lengths, speakers, seed=0)
    by_utterance = rate_interval(errors, lengths, [None] * len(errors), seed=0)
    assert by_speaker.high - by_speaker.low > 1.5 * (by_utterance.high - by_utterance.low)


def test_one_unknown_speaker_or_a_single_one_leaves_utterances_to_resample():
    errors, lengths, speakers = simulated(np.random.default_rng(0))
    expected = rate_interval(errors, lengths, [None] * len(errors), seed=0)
    assert rate_interval(errors, lengths, [None, *speakers[1:]], seed=0) == expected
    assert rate_interval(errors, lengths, ["a"] * len(errors), seed=0) == expected


def test_two_speakers_who_are_alike_by_luck_do_not_make_an_interval_narrow():
    errors, lengths, speakers = [1, 3, 1, 3], [10] * 4, ["a", "a", "b", "b"]
    interval = rate_interval(errors, lengths, speakers, seed=0)
    assert interval == rate_interval(errors, lengths, [None] * 4, seed=0)
    assert interval.low < 0.2 < interval.high


def test_the_same_seed_gives_the_same_interval():
    errors, lengths, speakers = simulated(np.random.default_rng(0))
    one, again, other = (rate_interval(errors, lengths, speakers, seed=s) for s in (1, 1, 2))
    assert one == again
    assert one != other


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    generator = np.random.default_rng(0)
    covered = 0
    for trial in range(300):
        interval = rate_interval(*simulated(generator, speakers=30), seed=trial)
        covered += interval.low <= 0.3 <= interval.high
    assert 0.90 <= covered / 300 <= 0.98


def test_the_interval_of_a_median_is_scipys():
    values = np.random.default_rng(0).lognormal(size=130)
    expected = stats.bootstrap(
        (values,), np.median, method="percentile", n_resamples=20000, rng=np.random.default_rng(1)
    ).confidence_interval
    assert median_interval(values, seed=0) == pytest.approx(tuple(expected), abs=0.05)
