"""A metric is errors over units, with an interval; where there are no units, there is no rate."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from benchmark.scoring.errors import Errors, Scored, count_errors, score
from benchmark.scoring.measure import measure
from benchmark.scoring.metrics.base import BASIC, METRICS, ErrorRate, added_metrics
from benchmark.statistics.bootstrap import rate_interval

SAID = ["one two three", "four five", "six", "seven eight"]
HEARD = ["one too three", "four", "six six", "seven eight"]


@dataclass(frozen=True)
class Vowels(ErrorRate):
    """Wrong, missing and added vowels per vowel."""

    def count(self, utterance: Scored) -> Errors:
        said, heard = (
            [char for char in text if char in "aeiou"]
            for text in (utterance.reference, utterance.hypothesis)
        )
        return count_errors(said, heard)


@pytest.mark.parametrize("name", BASIC)
def test_basic_metrics_are_the_rates_of_a_score_with_its_interval(name: str) -> None:
    scored = score(SAID, HEARD, "en", "wer")
    facts = measure(name, METRICS.make(name), scored, [None] * 4, seed=0)
    counted = [u.words if name == "wer" else u.characters for u in scored.utterances]
    interval = rate_interval(
        [e.total for e in counted], [e.length for e in counted], [None] * 4, seed=0
    )
    assert facts == {
        name: getattr(scored, name),
        f"{name}_low": interval.low,
        f"{name}_high": interval.high,
    }


def test_errors_of_utterances_without_units_count_too() -> None:
    scored = score(["sky", "go on"], ["skye", "go on"], "en", "wer")
    facts = measure("vowels", Vowels(), scored, [None, None], seed=0)
    assert facts["vowels"] == pytest.approx(1 / 2)
    # A resampling of the first utterance alone has no rate.
    assert facts["vowels_low"] is facts["vowels_high"] is None


def test_texts_without_units_have_no_rate() -> None:
    facts = measure("vowels", Vowels(), score(["sky"], ["ski"], "en", "wer"), ["a"], seed=0)
    assert facts == {"vowels": None, "vowels_low": None, "vowels_high": None}


def test_a_single_utterance_has_a_rate_and_no_interval() -> None:
    facts = measure("vowels", Vowels(), score(["go on"], ["go"], "en", "wer"), ["a"], seed=0)
    assert facts == {"vowels": 0.5, "vowels_low": None, "vowels_high": None}


def test_no_key_changes_without_added_metrics() -> None:
    assert added_metrics() == ()
