"""Combinations are told apart by the utterances that they share."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fabricate import record

from benchmark.report.load import load
from benchmark.report.tables import build_board
from benchmark.report.verdicts import Verdicts, judge, rule

WORDS, UTTERANCES, SPEAKERS = 10, 120, 20


def verdicts(
    folder: Path,
    errors: dict[str, float],
    seeds: tuple[int, ...] = (0, 1),
    axis: str = "method",
    stored: bool = True,
) -> Verdicts:
    """One combination per value of `axis` with so many errors per utterance on average.

    Utterances differ far more in difficulty than combinations do.
    """
    difficulty = np.random.default_rng(1).integers(0, 8, UTTERANCES)
    rows, tables = [], []
    for value, more in errors.items():
        for seed in seeds:
            luck = np.random.default_rng([seed, *map(ord, value)])
            counts = difficulty + (luck.random(UTTERANCES) < more)
            cell = f"{value}-{seed}"
            rate = float(counts.sum() / (WORDS * UTTERANCES))
            rows.append(record(rate, half=0.05, cell=cell, seed=seed) | {axis: value})
            number = range(UTTERANCES)
            table = {
                "cell": cell,
                "uid": [f"nl/{i}" for i in number],
                "speaker": [f"nl-{i % SPEAKERS}" for i in number],
                "n_words": WORDS,
                "n_errors": counts,
                "n_characters": WORDS,
                "n_character_errors": counts,
            }
            tables.append(pd.DataFrame(table))
    folder.mkdir(exist_ok=True)
    pd.DataFrame(rows).to_parquet(folder / "records.parquet")
    if stored:
        pd.concat(tables).to_parquet(folder / "utterances.parquet")
    results = load(folder)
    return judge(results, build_board(results.records))


def test_a_loss_far_inside_overlapping_intervals_is_found_on_the_same_utterances(
    tmp_path: Path,
) -> None:
    found = verdicts(tmp_path, {"a": 0.0, "b": 0.0, "c": 0.6})
    best, same, worse = (row for row, _ in found.board.ranked)
    assert worse.error is not None and best.error is not None
    assert not worse.error.told_apart_from(best.error)
    assert found.apart(worse)
    assert not found.apart(same)
    assert [found.groups[row.key] for row in (best, same, worse)] == [1, 1, 2]
    comparison = found.against_best[worse.key].found
    assert comparison is not None
    assert comparison.difference == pytest.approx(worse.error.rate - best.error.rate)


def test_without_stored_utterances_overlap_decides_and_is_said_to(tmp_path: Path) -> None:
    found = verdicts(tmp_path, {"a": 0.0, "c": 0.6}, stored=False)
    assert len(found.tied()) == 2
    assert "overlap" in rule(found)
    assert "utterances.parquet" in found.unpaired


def test_p_is_corrected_for_as_many_rows_as_are_compared(tmp_path: Path) -> None:
    names = {"a": 0.0, **dict.fromkeys("bcdef", 0.15)}
    found = verdicts(tmp_path, names)
    best = found.board.ranked[0][0]
    row = found.board.ranked[1][0]
    (alone,) = found.family(best, [row])
    together = found.against_best[row.key]
    assert alone.found is not None and together.found is not None
    assert alone.found.p_holm == alone.found.p == together.found.p
    assert together.found.p_holm > together.found.p


def test_rows_over_other_languages_than_the_best_are_not_compared(tmp_path: Path) -> None:
    rows = [record(0.4, method="a", language=name) for name in ("nl", "pt")]
    rows.append(record(0.1, method="b", language="nl"))
    pd.DataFrame(rows).to_parquet(tmp_path / "records.parquet")
    results = load(tmp_path)
    found = judge(results, build_board(results.records))
    assert [row.axes["method"] for row in found.tied()] == ["a"]
    assert len(found.groups) == 1


def test_what_is_recommended_shows_no_sign_of_loss_even_uncorrected(tmp_path: Path) -> None:
    found = verdicts(tmp_path, {"a": 0.0, **dict.fromkeys("bcdefghijk", 0.04)})
    doubtful = [v for v in found.against_best.values() if not v.apart and not v.no_sign]
    assert doubtful
    for verdict in doubtful:
        assert verdict.found is not None and verdict.found.p < 0.05 <= verdict.found.p_holm
