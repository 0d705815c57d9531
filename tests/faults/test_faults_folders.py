"""A share of the mutated results folders; `python tests/faults/run.py folders` tries all."""

from folders import run


def test_mutated_results_are_run_or_refused_in_a_short_message() -> None:
    tally = run(6, seed=1)
    assert tally.wrong == []
    assert tally.total == 6
