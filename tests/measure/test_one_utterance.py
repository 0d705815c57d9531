"""One test utterance says nothing of how sure a rate or a difference is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmark.finite import finite
from benchmark.statistics.bootstrap import rate_interval
from benchmark.statistics.paired import Stratum, paired_difference
from benchmark.statistics.student import Part, combined, two_sided_p
from benchmark.text.tables import bounds, percent, points


@pytest.mark.parametrize("errors", [0, 3, 5])
def test_a_single_utterance_has_no_interval(errors: int) -> None:
    found = rate_interval([errors], [5], ["s"], seed=0)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert not math.isnan(rate_interval([errors, 1], [5, 5], ["s", "s"], seed=0).low)


def one(a: float, b: float) -> Stratum:
    return Stratum(np.array([a]), np.array([b]), np.array([5.0]), ("s",))


def test_a_difference_on_a_single_utterance_is_not_known_to_be_real() -> None:
    found = paired_difference([one(1, 4)])
    assert found.absolute == pytest.approx(0.6)
    assert math.isnan(found.error.variance)
    assert two_sided_p(found.absolute, found.error) == 1.0
    assert paired_difference([one(2, 2)]).error.variance == 0
    assert math.isnan(combined([Part(0.1, 3.0), found.error]).variance)


def test_what_has_no_interval_says_so() -> None:
    assert points(0.031, math.nan, math.nan) == "+3.1 [too few utterances]"
    assert percent(0.5, math.nan, math.nan) == "+50.0% [too few utterances]"
    assert bounds(-0.034, 0.102) == "[-3.4, +10.2]"


def test_json_holds_no_nan() -> None:
    value = {"a": [math.nan, 1.5, (math.inf, "x")], "b": None}
    assert finite(value) == {"a": [None, 1.5, [None, "x"]], "b": None}
