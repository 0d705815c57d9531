"""Cells become combinations that are compared only where that is fair."""

from pathlib import Path

import pandas as pd
import pytest
from fabricate import record

from benchmark.report.load import load
from benchmark.report.tables import (
    Board,
    best_per,
    build_board,
    collapsed,
    pareto_front,
)


def board_of(folder: Path, *rows: dict[str, object]) -> Board:
    pd.DataFrame(list(rows)).to_parquet(folder / "records.parquet")
    return build_board(load(folder).records)


def test_macro_average_is_over_languages_of_seed_means(tmp_path: Path) -> None:
    board = board_of(
        tmp_path,
        record(0.2, language="nl", seed=0),
        record(0.4, language="nl", seed=1),
        record(0.6, language="pt", seed=0),
        record(0.8, language="pt", seed=1),
    )
    (row,) = board.rows
    assert row.error is not None
    assert row.error.rate == pytest.approx(0.5)
    assert row.languages["nl"].rate == pytest.approx(0.3)
    assert row.per_seed == pytest.approx({"0": 0.4, "1": 0.6})


def test_each_language_counts_with_its_own_metric(tmp_path: Path) -> None:
    board = board_of(
        tmp_path,
        record(0.4, language="nl", metric="wer"),
        record(1.0, language="ja", metric="cer"),  # its CER is half of that
    )
    assert board.rows[0].error is not None
    assert board.rows[0].error.rate == pytest.approx(0.45)
    assert board.error_name == "error rate"


def test_a_combination_that_lacks_a_language_is_never_the_best(tmp_path: Path) -> None:
    board = board_of(
        tmp_path,
        record(0.5, method="joint", language="nl"),
        record(0.5, method="joint", language="pt"),
        record(0.1, method="maml", language="nl"),
        record(None, method="maml", language="pt"),
    )
    assert board.best is not None
    assert board.best.axes["method"] == "joint"
    assert [row.axes["method"] for row in best_per("method", board)] == ["joint", "maml"]


def test_a_rate_of_a_failed_cell_is_not_used(tmp_path: Path) -> None:
    board = board_of(tmp_path, record(0.01, status="diverged"))
    assert board.best is None
    assert board.rows[0].num_failed == 1


def test_pareto_front_agrees_with_its_definition() -> None:
    points = [(1.0, 5.0), (2.0, 3.0), (2.0, 4.0), (3.0, 3.0), (4.0, 1.0), (5.0, 2.0)]

    def dominated(a: tuple[float, float]) -> bool:
        return any(b != a and b[0] <= a[0] and b[1] <= a[1] for b in points)

    expected = [index for index, point in enumerate(points) if not dominated(point)]
    assert pareto_front(points) == expected


def test_a_silent_model_counts_as_collapsed(tmp_path: Path) -> None:
    rows = [
        record(1.0, cell="silent", blank_fraction=1.0),
        record(0.95, cell="deleting", deletion_rate=0.93),
        record(0.4, cell="good", blank_fraction=0.9),
    ]
    pd.DataFrame(rows).to_parquet(tmp_path / "records.parquet")
    assert list(collapsed(load(tmp_path).records)["cell"]) == ["silent", "deleting"]
