"""Combinations of one folder: artefacts of one training share its luck."""

import numpy as np
import pandas as pd
import pytest
from fabricated_runs import counts, record

from benchmark.evidence.side import Side
from benchmark.evidence.within import (
    COMBINATION,
    build_roster,
    compare,
    compare_family,
    shared_noise,
)
from benchmark.statistics.holm import holm

UTTERANCES, SEEDS = 300, (0, 1)


def side(loss: int, own_luck: bool = False) -> Side:
    """Three methods, seeds that differ by a fifth; `p` makes `loss` errors in 300 words more.

    With `own_luck` the loss comes and goes with the seed.
    """
    rows, tables = [], {}
    for number, method in enumerate(("joint", "maml", "reptile")):
        for seed in SEEDS:
            luck = np.random.default_rng([number, seed])
            trained = luck.binomial(10, 0.3 + 0.06 * ((seed + number) % 2), UTTERANCES)
            for compression in ("none", "p"):
                errors = trained.copy()
                if compression == "p":
                    size = loss * 2 * ((seed + number) % 2) if own_luck else loss
                    errors[luck.permutation(UTTERANCES)[:size]] += 1
                cell = f"{method}-{compression}-{seed}"
                row = record(cell, method, "nl", seed, errors)
                rows.append(row | {"compression": compression, "draw": "0"})
                tables[cell] = counts(cell, "nl", errors, 30, 1)
    return Side("made", pd.DataFrame(rows), tables, None)


def axes(known_side: Side, method: str, compression: str) -> dict[str, str]:
    first = known_side.records.iloc[0]
    values = {axis: str(first[axis]) for axis in COMBINATION}
    return values | {"method": method, "compression": compression}


def test_luck_of_training_cancels_between_artefacts_of_one_model() -> None:
    made = side(loss=40)
    known = build_roster(made)
    plain, pruned = axes(made, "joint", "none"), axes(made, "joint", "p")
    assert known.noise is not None and known.noise.relative > 0.1
    noise = shared_noise(known, plain, pruned)
    assert noise is not None and noise.relative < 0.01
    found = compare(known, plain, pruned)
    assert found is not None
    assert found.p < 0.001
    assert found.difference == pytest.approx(40 / 3000)


def test_the_same_difference_between_two_trainings_is_lost_in_their_luck() -> None:
    made = side(loss=40)
    found = compare(build_roster(made), axes(made, "joint", "none"), axes(made, "maml", "p"))
    assert found is not None and found.p > 0.05


def test_a_loss_that_comes_and_goes_with_the_seed_counts_as_noise() -> None:
    made = side(loss=40, own_luck=True)
    plain, pruned = axes(made, "joint", "none"), axes(made, "joint", "p")
    known = build_roster(made)
    noise = shared_noise(known, plain, pruned)
    assert noise is not None
    # Differences of 0 and 80 errors in 3,000 words; pooling weighs three methods, hence 5 %.
    rates = [known.rates[tuple(a.values())]["nl", "0"] for a in (plain, pruned)]
    scale = np.hypot(*(np.mean(list(rate.values())) for rate in rates))
    assert noise.relative * scale == pytest.approx(np.std([0, 80 / 3000], ddof=1), rel=0.05)
    found = compare(known, plain, pruned)
    assert found is not None and found.p > 0.05


def test_a_family_is_corrected_as_one() -> None:
    made = side(loss=10)
    known = build_roster(made)
    others = [axes(made, method, "p") for method in ("joint", "maml", "reptile")]
    found = compare_family(known, axes(made, "joint", "none"), others)
    assert [one.p_holm for one in found if one] == holm([one.p for one in found if one])


def test_combinations_without_common_utterances_are_not_compared() -> None:
    made = side(loss=10)
    for cell in made.counts:
        if "-p-" in cell:
            made.counts[cell]["uid"] = "other/" + made.counts[cell]["uid"]
    assert (
        compare(build_roster(made), axes(made, "joint", "none"), axes(made, "joint", "p")) is None
    )
