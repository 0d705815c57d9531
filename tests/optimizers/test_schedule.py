"""Learning-rate schedules."""

import math

import pytest

from benchmark.optimizers.stepping.schedule import factor


def test_constant_without_warmup_never_changes():
    assert [factor("constant", 0.0, step, 5) for step in range(5)] == [1.0] * 5


def test_linear_rises_to_the_peak_and_would_reach_zero_after_the_last_step():
    factors = [factor("linear", 0.2, step, 10) for step in range(11)]
    assert factors[:3] == pytest.approx([1 / 3, 2 / 3, 1])
    assert factors[2:] == pytest.approx([1 - i / 8 for i in range(9)])


def test_cosine_is_half_way_down_in_the_middle():
    assert factor("cosine", 0.0, 50, 100) == pytest.approx(0.5)
    assert factor("cosine", 0.0, 25, 100) == pytest.approx(0.5 * (1 + math.cos(math.pi / 4)))


@pytest.mark.parametrize("schedule", ["constant", "linear", "cosine"])
@pytest.mark.parametrize("total", [1, 2, 3, 7])
def test_no_step_is_without_effect_however_few_there_are(schedule, total):
    factors = [factor(schedule, 0.3, step, total) for step in range(total)]
    assert all(0 < f <= 1 for f in factors)
    assert max(factors) == 1
