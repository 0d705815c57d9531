"""A share of the kills of `run.py kills`."""

from __future__ import annotations

import sys

import kills
import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_killed_runs_leave_nothing_alive_and_come_to_the_same_results() -> None:
    tally = kills.run(3, seed=1)
    assert not tally.wrong, tally
    assert tally.total >= 3
