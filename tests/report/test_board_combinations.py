"""Cells become combinations that are compared only where that is fair."""

from pathlib import Path

import pandas as pd
import pytest
from fabricate import record

from benchmark.board.board import Board
from benchmark.board.build import build_board
from benchmark.board.front import STEP, front, pareto_front
from benchmark.results.load import load
from benchmark.scoring.usable import collapsed


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
    (row,) = board.combinations
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
    assert board.combinations[0].error is not None
    assert board.combinations[0].error.rate == pytest.approx(0.45)
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
    assert [row.axes["method"] for row in board.best_per("method")] == ["joint", "maml"]


def test_a_rate_of_a_failed_cell_is_not_used(tmp_path: Path) -> None:
    board = board_of(tmp_path, record(0.01, status="diverged"))
    assert board.best is None
    assert board.combinations[0].num_failed == 1


def test_pareto_front_agrees_with_its_definition() -> None:
    points = [(1.0, 5.0), (2.0, 3.0), (2.0, 4.0), (3.0, 3.0), (4.0, 1.0), (5.0, 2.0)]

    def dominated(a: tuple[float, float]) -> bool:
        return any(b != a and b[0] <= a[0] and b[1] <= a[1] for b in points)

    expected = [index for index, point in enumerate(points) if not dominated(point)]
    assert pareto_front(points) == expected
    assert pareto_front([]) == []


def test_costs_within_one_percent_are_no_reason_to_be_on_the_front() -> None:
    points = [(1_000_000.0, 0.889), (1_000_100.0, 0.30), (2_000_000.0, 0.29)]
    assert pareto_front(points) == [1, 2]
    assert pytest.approx(0.01, rel=0.01) == STEP


def test_a_ceiling_wins_nothing_and_is_shown_marked(tmp_path: Path) -> None:
    board = board_of(
        tmp_path,
        record(0.5, method="joint", size_bytes=2_000_000),
        record(0.1, method="monolingual", size_bytes=1_000_000),
    )
    assert board.best is not None
    assert board.best.axes["method"] == "joint"
    assert [row.axes["method"] for row in board.best_per("method")] == ["joint"]
    assert [row.axes["method"] for row in board.ceilings] == ["monolingual"]
    shown = front(board.combinations, lambda row: row.cost.size_bytes)
    assert [row.axes["method"] for row in shown] == ["joint"]
    assert board.value_label("method", "monolingual") == "monolingual (ceiling)"


def test_a_language_that_only_a_ceiling_recognises_counts_against_no_other(tmp_path: Path) -> None:
    board = board_of(
        tmp_path,
        record(0.5, method="joint", language="nl"),
        record(0.99, method="joint", language="pt"),
        record(0.2, method="monolingual", language="nl"),
        record(0.2, method="monolingual", language="pt"),
    )
    assert board.best is not None
    assert board.best.axes["method"] == "joint"
    assert board.hopeless == ("pt",)


def test_draws_repeat_a_combination_with_one_seed_beside_one_with_several(tmp_path: Path) -> None:
    board = board_of(
        tmp_path,
        *(record(rate, seed=seed) for seed, rate in enumerate((0.3, 0.5))),
        *(record(rate, method="maml", draw=draw) for draw, rate in enumerate((0.4, 0.6))),
    )
    per_seed = {row.axes["method"]: row.per_seed for row in board.combinations}
    assert per_seed["joint"] == pytest.approx({"0": 0.3, "1": 0.5})
    assert per_seed["maml"] == pytest.approx({"0": 0.4, "1": 0.6})


def test_a_silent_model_counts_as_collapsed(tmp_path: Path) -> None:
    rows = [
        record(1.0, cell="silent", blank_fraction=1.0),
        record(0.95, cell="deleting", deletion_rate=0.93),
        record(0.4, cell="good", blank_fraction=0.9),
    ]
    pd.DataFrame(rows).to_parquet(tmp_path / "records.parquet")
    records = load(tmp_path).records
    assert list(records.loc[collapsed(records), "cell"]) == ["silent", "deleting"]
