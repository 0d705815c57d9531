"""MAPSSWE, Holm, detectable differences, the noise floor and tie groups: known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmark.statistics.detectable import smallest_detectable
from benchmark.statistics.holm import holm
from benchmark.statistics.mapsswe import mapsswe
from benchmark.statistics.noise import Replicates, pooled_noise
from benchmark.statistics.paired import Stratum
from benchmark.statistics.student import Part
from benchmark.statistics.ties import tie_groups


def test_mapsswe_is_the_paired_t_statistic_with_a_normal_p() -> None:
    generator = np.random.default_rng(0)
    a, b = generator.poisson(2.0, 80).astype(float), generator.poisson(2.4, 80).astype(float)
    found = mapsswe([Stratum(a, b, np.full(80, 10.0), (None,) * 80)])
    expected = stats.ttest_rel(b, a).statistic
    assert found.z == pytest.approx(expected)
    assert found.p == pytest.approx(2 * stats.norm.sf(abs(expected)))


def test_mapsswe_of_the_same_errors() -> None:
    same = np.arange(5.0)
    assert mapsswe([Stratum(same, same, same + 1, (None,) * 5)]).p == 1.0


def test_holm_by_hand() -> None:
    # As R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") prints.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.floats(0, 1), max_size=20))
def test_holm_never_lowers_a_p_value_nor_exceeds_bonferroni(values: list[float]) -> None:
    for p, adjusted in zip(values, holm(values), strict=True):
        assert p <= adjusted <= min(1.0, len(values) * p) + 1e-12


def test_detectable_difference_is_found_in_80_percent() -> None:
    error = Part(0.01**2, math.inf)
    effect = smallest_detectable(error)
    assert effect == pytest.approx(0.028016, rel=1e-3)
    estimates = np.random.default_rng(0).normal(effect, 0.01, 100_000)
    assert (estimates / 0.01 > 1.959964).mean() == pytest.approx(0.8, abs=0.01)


def test_noise_floor_recovers_the_deviation_between_seeds() -> None:
    generator = np.random.default_rng(0)
    systems = [Replicates(str(i), 0.3 * generator.normal(1, 0.04, 3)) for i in range(500)]
    found = pooled_noise(systems)
    assert found is not None
    assert found.relative == pytest.approx(0.04, rel=0.05)
    assert found.degrees == 1000


def test_systems_that_share_their_training_count_once() -> None:
    rates = np.array([0.3, 0.32])
    found = pooled_noise([Replicates("maml", rates), Replicates("maml", rates)])
    assert found is not None
    assert found.degrees == 1


def test_one_seed_tells_nothing_of_noise() -> None:
    assert pooled_noise([Replicates("maml", np.array([0.3]))]) is None


def test_tie_groups_begin_where_a_system_is_told_apart_from_the_leader() -> None:
    rates = [0.20, 0.21, 0.22, 0.26, 0.27, 0.40]
    groups = tie_groups(len(rates), lambda i, j: rates[j] - rates[i] > 0.05)
    assert groups == [1, 1, 1, 2, 2, 3]
    assert tie_groups(0, lambda i, j: True) == []
