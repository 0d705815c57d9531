"""Whether one method loses less to a compression than another, on the same utterances."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmark.evidence.interaction import correct_family, interact
from benchmark.evidence.side import AXES, Side
from benchmark.evidence.within import Roster, build_roster

BASE = dict.fromkeys(AXES, "x")
SPEAKERS = 10


def side(rates: dict[tuple[str, str], float], seeds: int = 3, luck: int = 0) -> Side:
    """Cells of these methods and compressions with these word error rates in two languages.

    An utterance of ten words is as hard for every method, and a seed as good for every file of it.
    """
    generator = np.random.default_rng(luck)
    records, counts = [], {}
    for language in ("nl", "tr"):
        hard = generator.normal(0, 0.05, 60)
        for method in dict.fromkeys(method for method, _ in rates):
            for seed in range(seeds):
                good = generator.normal(0, 0.02)
                for (name, compression), rate in rates.items():
                    if name != method:
                        continue
                    cell = f"{language}-{method}-{compression}-{seed}"
                    own = {"method": method, "compression": compression, "language": language}
                    chance = np.clip(rate + hard + good, 0, 1)
                    counts[cell] = pd.DataFrame(
                        {
                            "uid": [f"{language}-{i}" for i in range(60)],
                            "speaker": [f"s{i % SPEAKERS}" for i in range(60)],
                            "n_errors": generator.binomial(10, chance),
                            "n_words": 10,
                        }
                    )
                    scored = {"metric": "wer", "wer": counts[cell]["n_errors"].sum() / 600}
                    about = {"cell": cell, "seed": seed, "status": "ok"}
                    records.append({**BASE, **own, **about, **scored})
    return Side("made up", pd.DataFrame(records), counts, None)


def systems(known: Roster, *methods: str) -> list[dict[str, str]]:
    return [{**BASE, "method": method, "compression": "none"} for method in methods]


def test_the_difference_is_one_loss_less_the_other() -> None:
    made = side({("a", "none"): 0.3, ("a", "c"): 0.4, ("b", "none"): 0.3, ("b", "c"): 0.5})
    known = build_roster(made)
    a, b = systems(known, "a", "b")
    found = interact(known, b, a, {"compression": "c"})
    assert found is not None
    mean = made.records.groupby(["method", "compression"])["wer"].mean()
    assert found.loss.difference == pytest.approx(mean["b", "c"] - mean["b", "none"])
    assert found.reference_loss.difference == pytest.approx(mean["a", "c"] - mean["a", "none"])
    assert found.difference == pytest.approx(
        found.loss.difference - found.reference_loss.difference
    )
    assert found.low < found.difference < found.high
    assert found.p < 0.01


def test_a_method_does_not_differ_from_itself() -> None:
    known = build_roster(side({("a", "none"): 0.3, ("a", "c"): 0.4}))
    (a,) = systems(known, "a")
    found = interact(known, a, a, {"compression": "c"})
    assert found is not None
    assert (found.difference, found.p) == (0, 1)


def test_methods_that_lose_the_same_are_rarely_called_different() -> None:
    rates = {("a", "none"): 0.3, ("a", "c"): 0.4, ("b", "none"): 0.35, ("b", "c"): 0.45}
    found = []
    for luck in range(60):
        known = build_roster(side(rates, luck=luck))
        a, b = systems(known, "a", "b")
        one = interact(known, b, a, {"compression": "c"})
        assert one is not None
        found.append(one)
    assert sum(one.p < 0.05 for one in found) <= 6
    covered = [one.low <= 0 <= one.high for one in found]
    assert np.mean(covered) >= 0.9


def test_combinations_without_common_utterances_are_not_judged() -> None:
    known = build_roster(side({("a", "none"): 0.3, ("b", "none"): 0.3, ("b", "c"): 0.5}))
    a, b = systems(known, "a", "b")
    assert interact(known, b, a, {"compression": "c"}) is None
    assert correct_family([None]) == [None]
