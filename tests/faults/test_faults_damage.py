"""A share of the damage that `tests/faults/run.py` does."""

from __future__ import annotations

import damage


def test_damaged_files_are_found_said_and_made_again() -> None:
    tally = damage.run(8, seed=1)
    assert not tally.wrong, str(tally)
    assert tally.total == 8
