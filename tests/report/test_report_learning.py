"""Adaptation curves, error by shots, and what learning costs, from records alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fabricate import record, write_provenance, write_results

from benchmark.board.build import build_board
from benchmark.report.curves import Curve, curves
from benchmark.report.learning import by_unit, curve_figure
from benchmark.report.render import render
from benchmark.report.shots import shots_table
from benchmark.report.spending import spending
from benchmark.results.load import Results, load
from benchmark.results.write import write_records
from benchmark.text.words import flops


def loaded(folder: Path, *rows: dict[str, Any]) -> Results:
    folder.mkdir()
    write_records(folder, [row | {"cell": str(i)} for i, row in enumerate(rows)])
    write_provenance(folder)
    return load(folder)


def cell(method: str, seed: int, language: str, errors: dict[int, float], **columns: Any) -> Any:
    curve = json.dumps({str(step): error for step, error in errors.items()})
    last = errors[max(errors)]
    area = sum(errors.values()) / len(errors)
    return record(
        last, method=method, seed=seed, language=language, curve=curve, curve_area=area, **columns
    )


def curves_of(results: Results) -> dict[str, Curve]:
    return {c.method: c for c in curves(results.records, build_board(results.records))}


def test_a_curve_is_the_mean_over_languages_and_spans_the_seeds(tmp_path: Path) -> None:
    found = curves_of(
        loaded(
            tmp_path / "r",
            cell("maml", 0, "nl", {0: 0.8, 5: 0.4}),
            cell("maml", 0, "pt", {0: 0.6, 5: 0.2}),
            cell("maml", 1, "nl", {0: 1.0, 5: 0.4}),
            cell("maml", 1, "pt", {0: 0.8, 5: 0.4}),
        )
    )["maml"]
    assert found.steps == (0, 5)
    assert found.mean == pytest.approx((0.8, 0.35))
    assert found.low == pytest.approx((0.7, 0.3))
    assert found.high == pytest.approx((0.9, 0.4))
    assert found.area == pytest.approx((0.575, 0.5, 0.65))
    assert found.num_seeds == 2


def test_compressions_share_one_curve_and_steps_that_some_runs_lack_are_left_out(
    tmp_path: Path,
) -> None:
    found = curves_of(
        loaded(
            tmp_path / "r",
            cell("joint", 0, "nl", {0: 0.8, 1: 0.7, 5: 0.4}),
            cell("joint", 0, "nl", {0: 0.8, 1: 0.7, 5: 0.4}, compression="int8"),
            cell("joint", 1, "nl", {0: 0.9, 5: 0.5}),
            record(0.3, method="scratch"),
        )
    )
    assert set(found) == {"joint"}
    assert found["joint"].steps == (0, 5)
    assert found["joint"].mean == pytest.approx((0.85, 0.45))


def test_lines_of_the_figure_are_the_curves(tmp_path: Path) -> None:
    results = loaded(
        tmp_path / "r",
        cell("maml", 0, "nl", {0: 0.8, 1: 0.6, 100: 0.4}),
        cell("joint", 0, "nl", {0: 0.9, 1: 0.8, 100: 0.3}),
    )
    board = build_board(results.records)
    figure = curve_figure(board, curves(results.records, board))
    drawn = sorted(tuple(line.get_ydata()) for line in figure.axes[0].lines)
    assert drawn == [pytest.approx((80, 60, 40)), pytest.approx((90, 80, 30))]


def test_shots_are_parted_by_unit_and_put_in_order() -> None:
    assert by_unit(["1h", "100", "30s", "20", "10min"]) == (["20", "100"], ["30s", "10min", "1h"])


def test_the_table_of_shots_holds_the_rates_of_the_board(tmp_path: Path) -> None:
    results = loaded(
        tmp_path / "r",
        record(0.5, shots="20"),
        record(0.4, shots="200"),
        record(0.6, shots="20", method="maml"),
        record(0.45, shots="10min"),
    )
    (table,) = shots_table(build_board(results.records))
    assert table.shots == ("20", "200")
    rates = {m: [e.rate if e else None for e in row] for m, row in table.rows.items()}
    assert rates == {"joint": [0.5, 0.4], "maml": [0.6, None]}


def test_spending_is_by_method_and_by_optimizer(tmp_path: Path) -> None:
    results = loaded(
        tmp_path / "r",
        record(0.5, optimizer="sgd", optimizer_state_bytes=0, adapt_seconds=1.0),
        record(0.5, optimizer="adamw", optimizer_state_bytes=800, adapt_seconds=2.0),
        record(0.5, optimizer="adamw", optimizer_state_bytes=800, adapt_seconds=4.0, seed=1),
        record(0.5, method="scratch", meta_train_gradients=0, meta_train_flops=0.0),
    )
    spent = spending(results.records, build_board(results.records))
    assert [s.axes["method"] for s in spent.meta_training] == ["joint", "scratch"]
    assert [s.flops for s in spent.meta_training] == [1.9e12, 0.0]
    adaptation = {tuple(s.axes.values()): s for s in spent.adaptation}
    assert adaptation["joint", "adamw"].seconds == 3.0
    assert adaptation["joint", "adamw"].optimizer_state_bytes == 800
    assert adaptation["joint", "sgd"].optimizer_state_bytes == 0


def test_a_report_of_results_without_costs_and_curves_shows_none(tmp_path: Path) -> None:
    folder = write_results(tmp_path / "results/old", seeds=(0,), failures=0)
    table = pd.read_parquet(folder / "records.parquet")
    lost = [n for n in table if "flops" in n or n.startswith("curve") or "_peak_memory" in n]
    table.drop(columns=lost).to_parquet(folder / "records.parquet", index=False)
    page = render(folder, tmp_path / "reports").read_text(encoding="utf-8")
    assert "Training cost of each method" in page
    assert "TFLOP" not in page
    assert 'id="learning"' not in page


def test_the_page_shows_curves_and_costs(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    loaded(
        folder, cell("maml", 0, "nl", {0: 0.812, 7: 0.4}), cell("joint", 0, "nl", {0: 0.9, 7: 0.5})
    )
    path = render(folder, tmp_path / "reports")
    page = path.read_text(encoding="utf-8")
    assert "81.2" in page and "7 steps" in page and "1.9 TFLOP" in page
    assert (path.parent / "figures/curves.svg").exists()
    board = pd.read_csv(path.parent / "leaderboard.csv")
    assert board["meta_train_flops"].tolist() == [1.9e12, 1.9e12]
    assert board["curve_area"].notna().all()
    assert "1.9 TFLOP" in (path.parent / "summary.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("count", "text"),
    [(float("nan"), ""), (2.5e6, "2.5 MFLOP"), (1.9e12, "1.9 TFLOP"), (3e19, "30 EFLOP")],
)
def test_operations_are_read_in_decimal_units(count: float, text: str) -> None:
    assert flops(count) == text
