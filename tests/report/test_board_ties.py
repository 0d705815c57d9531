"""Combinations are compared on the utterances that they share, and tied otherwise."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fabricate import record
from ranked_results import ranked_folder

from benchmark.board.ranking import Ranking

WORDS, UTTERANCES, SPEAKERS = 10, 120, 20


def ranking_of(
    folder: Path,
    errors: dict[str, float],
    seeds: tuple[int, ...] = (0, 1),
    axis: str = "method",
    stored: bool = True,
) -> Ranking:
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
    return ranked_folder(folder)


def test_a_loss_far_inside_overlapping_intervals_is_found_on_the_same_utterances(
    tmp_path: Path,
) -> None:
    ranking = ranking_of(tmp_path, {"a": 0.0, "b": 0.0, "c": 0.6})
    best, same, worse = (row for row, _ in ranking.board.scored)
    assert worse.error is not None and best.error is not None
    assert not worse.error.disjoint_from(best.error)
    assert ranking.against_best[worse.key].significant
    assert not ranking.against_best[same.key].significant
    assert [ranking.groups[row.key] for row in (best, same, worse)] == [1, 1, 2]
    comparison = ranking.against_best[worse.key].comparison
    assert comparison is not None
    assert comparison.difference == pytest.approx(worse.error.rate - best.error.rate)


def test_without_stored_utterances_overlap_decides_and_is_said_to(tmp_path: Path) -> None:
    ranking = ranking_of(tmp_path, {"a": 0.0, "c": 0.6}, stored=False)
    assert len(ranking.tied) == 2
    assert "overlap" in ranking.rule
    assert "utterances.parquet" in ranking.unpaired


def test_p_is_corrected_for_as_many_rows_as_are_compared(tmp_path: Path) -> None:
    names = {"a": 0.0, **dict.fromkeys("bcdef", 0.15)}
    ranking = ranking_of(tmp_path, names)
    best = ranking.board.scored[0][0]
    row = ranking.board.scored[1][0]
    (alone,) = ranking.family(best, [row])
    together = ranking.against_best[row.key]
    assert alone.comparison is not None and together.comparison is not None
    assert alone.comparison.p_holm == alone.comparison.p == together.comparison.p
    assert together.comparison.p_holm > together.comparison.p


def test_rows_over_other_languages_than_the_best_are_not_compared(tmp_path: Path) -> None:
    rows = [record(0.4, method="a", language=name) for name in ("nl", "pt")]
    rows.append(record(0.1, method="b", language="nl"))
    pd.DataFrame(rows).to_parquet(tmp_path / "records.parquet")
    ranking = ranked_folder(tmp_path)
    assert [row.axes["method"] for row in ranking.tied] == ["a"]
    assert len(ranking.groups) == 1


def test_what_is_recommended_shows_no_sign_of_loss_even_uncorrected(tmp_path: Path) -> None:
    ranking = ranking_of(tmp_path, {"a": 0.0, **dict.fromkeys("bcdefghijk", 0.04)})
    doubtful = [
        d for d in ranking.against_best.values() if not d.significant and not d.shows_no_loss
    ]
    assert doubtful
    for difference in doubtful:
        comparison = difference.comparison
        assert comparison is not None and comparison.p < 0.05 <= comparison.p_holm
