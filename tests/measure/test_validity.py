"""A difference has to leave the noise, and what differs from itself says nothing."""

import numpy as np
import pytest

from benchmark.measure.validity import difference, invalid
from benchmark.statistics.bootstrap import Interval
from benchmark.statistics.loads import LOADS, ratio_over_loads


@pytest.mark.parametrize(
    ("ratio", "noise", "expected"),
    [
        ((1.02, 1.08), (0.99, 1.01), "slower"),
        ((0.90, 0.98), (0.99, 1.01), "faster"),
        ((0.99, 1.03), (0.99, 1.01), "no difference"),
        ((1.005, 1.03), (0.98, 1.02), "no difference"),
        ((0.95, 0.985), (0.98, 1.02), "no difference"),
        ((1.004, 1.008), (0.997, 1.001), "no difference"),
        ((0.992, 0.995), (1.003, 1.006), "no difference"),
    ],
)
def test_a_difference_is_beyond_the_noise_and_what_can_be_resolved(ratio, noise, expected):
    assert difference(Interval(*ratio), Interval(*noise)) == expected


@pytest.mark.parametrize(
    ("noise", "reason"),
    [
        ((0.98, 1.02), None),
        ((1.002, 1.006), None),
        ((1.02, 1.05), "differs from its own duplicate"),
        ((0.92, 0.98), "differs from its own duplicate"),
        ((0.94, 1.05), "too noisy"),
    ],
)
def test_a_timing_is_invalid_where_the_reference_differs_from_itself(noise, reason):
    found = invalid(Interval(*noise))
    assert found is None if reason is None else reason in found


def compared(generator, factor):
    """The verdict on an artefact that is `factor` times as slow on a machine that drifts.

    Speed wanders to double and back; a tenth of all runs is interrupted; every load of a file has
    its own luck with addresses.
    """
    drift = np.exp(np.cumsum(generator.normal(0, 0.05, (130, 1)), axis=0))
    luck = np.exp(generator.normal(0, 0.05, (130, 3)))
    interrupted = 1 + (generator.random((130, 3)) < 0.1) * generator.exponential(1, (130, 3))
    place = np.repeat(np.exp(generator.normal(0, 0.005, (LOADS, 3))), 130 // LOADS, axis=0)
    runs = drift * luck * interrupted * place * [1, factor, 1]
    ratio, noise = (ratio_over_loads(runs[:, i] / runs[:, 0], LOADS)[1] for i in (1, 2))
    return "invalid" if invalid(noise) else difference(ratio, noise)


def test_an_artefact_does_not_differ_from_itself_and_does_from_a_slower_one():
    generator = np.random.default_rng(0)
    same = [compared(generator, 1.0) for _ in range(100)]
    slower = [compared(generator, 1.3) for _ in range(100)]
    # Timing is repeated once where it is invalid, which happens by chance at times.
    assert sum(verdict in ("slower", "faster") for verdict in same) <= 3
    assert same.count("invalid") <= 10
    assert set(slower) <= {"slower", "invalid"}
    assert slower.count("slower") >= 90
