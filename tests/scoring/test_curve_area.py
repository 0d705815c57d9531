"""The area under an adaptation curve against closed forms."""

from __future__ import annotations

import math

import pytest

from benchmark.scoring.curve import area

STEPS = (0, 1, 3, 10, 30, 100, 125)


def test_a_constant_curve_has_its_own_height() -> None:
    assert area(dict.fromkeys(STEPS, 0.3)) == pytest.approx(0.3)


def test_a_line_over_the_logarithm_has_the_mean_of_its_ends() -> None:
    width = math.log1p(STEPS[-1])
    curve = {step: 0.9 - 0.5 * math.log1p(step) / width for step in STEPS}
    assert area(curve) == pytest.approx((0.9 + 0.4) / 2)


def test_a_parabola_over_the_logarithm_comes_near_its_integral() -> None:
    width = math.log1p(1000)
    curve = {step: (math.log1p(step) / width) ** 2 for step in range(1001)}
    assert area(curve) == pytest.approx(1 / 3, abs=2e-3)


def test_the_order_of_points_does_not_matter_and_one_point_is_itself() -> None:
    assert area({10: 0.2, 0: 0.8, 3: 0.4}) == area({0: 0.8, 3: 0.4, 10: 0.2})
    assert area({0: 0.7}) == 0.7
