"""A share of the mutated suites, on every run of the tests."""

from __future__ import annotations

import suites


def test_a_mutated_suite_is_planned_or_refused_in_one_line_with_its_place() -> None:
    tally = suites.run(60, seed=1)
    assert not tally.wrong, tally
    assert tally.total == 60
    assert set(tally.right) == {"valid", "refused"}
