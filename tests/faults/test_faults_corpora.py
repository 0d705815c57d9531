from __future__ import annotations

import corpora


def test_mutated_corpora_give_a_message_or_a_valid_result() -> None:
    tally = corpora.run(12, seed=7)
    assert not tally.wrong, str(tally)
    assert tally.total == 12
