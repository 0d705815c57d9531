"""The spread over the settings tried is told from the table of trials alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fabricate import record, write_results

from benchmark.board.build import build_board
from benchmark.errors import DataError
from benchmark.report.render import render
from benchmark.report.sensitivity import Sensitivity, sensitivity
from benchmark.report.settings import settings_of
from benchmark.results.load import load
from benchmark.results.write import write_trials


def trial(
    optimizer: str, number: int, lr: float, errors: list[float | None], **columns: Any
) -> list[dict[str, Any]]:
    """The rows of one trial, one per support."""
    known = [error for error in errors if error is not None]
    common = {
        "suite": "s",
        "model": "conv_ctc",
        "method": "joint",
        "outer": "adamw",
        "optimizer": optimizer,
        "shots": "20",
        "head": "union",
        "trial": number,
        "num_trials": 8,
        "num_settings": 30,
        "params": json.dumps({"optimizer.lr": lr, "optimizer.beta2": 0.9}),
        "state": "complete",
        "is_default": number == 0,
        "is_best": False,
        "mean": sum(known) / len(known) if known else None,
        "num_instances": 2,
        "language": "cs",
        "metric": "wer",
    }
    return [
        {**common, **columns, "draw": i, "error": error, "reason": None if error else "diverged: x"}
        for i, error in enumerate(errors)
    ]


ROWS = [
    *trial("adamw", 0, 0.002, [0.5, 0.6]),
    *trial("adamw", 1, 0.02, [None], state="failed"),
    *trial("adamw", 2, 0.001, [0.4, 0.4], is_best=True),
    *trial("adamw", 3, 0.1, [0.9], state="pruned"),
    *trial("sgd", 0, 1.0, [0.7, 0.7], is_best=True, num_settings=2),
    *trial("sgd", 1, 0.3, [0.8, 0.8], num_settings=2),
]


def stored(folder: Path, rows: list[dict[str, Any]]) -> Sensitivity | None:
    write_trials(folder, rows)
    pd.DataFrame([record()]).to_parquet(folder / "records.parquet")
    return sensitivity(load(folder).trials())


def test_default_best_median_and_worst_are_those_of_the_trials(tmp_path: Path) -> None:
    found = stored(tmp_path, ROWS)
    assert found is not None
    adamw, sgd = found.spreads
    assert (adamw.default, adamw.best) == (pytest.approx(0.55), pytest.approx(0.4))
    assert (adamw.median, adamw.worst) == (pytest.approx(0.55), pytest.approx(0.9))
    assert adamw.trials == "4 of 8, interrupted: 1 pruned, 1 failed"
    assert adamw.setting == "lr = 0.001"
    assert adamw.reason == "diverged: x"
    assert (sgd.default, sgd.best, sgd.setting) == (0.7, 0.7, "default")
    assert sgd.trials == "2 (the whole space)"
    assert [found.label(spread) for spread in found.spreads] == ["adamw", "sgd"]
    assert found.error_name == "WER"


def test_the_report_has_the_section_the_figure_and_the_short_form(tmp_path: Path) -> None:
    results = write_results(tmp_path / "tuned", methods=("joint",), seeds=(0,))
    write_trials(results, ROWS)
    page = render(results, tmp_path / "reports")
    text = page.read_text(encoding="utf-8")
    assert "Sensitivity to settings" in text
    assert '<figure id="figure-sensitivity">' in text
    assert (page.parent / "figures/sensitivity.svg").exists()
    summary = (page.parent / "summary.md").read_text(encoding="utf-8")
    assert "| adamw | 55.0 % | 40.0 % | 55.0 % | 90.0 % | 4 of 8, interrupted:" in summary


def test_without_trials_nothing_is_said_of_sensitivity(tmp_path: Path) -> None:
    results = write_results(tmp_path / "untuned", methods=("joint",), seeds=(0,))
    page = render(results, tmp_path / "reports")
    assert "Sensitivity" not in page.read_text(encoding="utf-8")
    assert not (page.parent / "figures/sensitivity.svg").exists()
    assert sensitivity(load(results).trials()) is None


def test_a_study_without_any_result_is_told_and_not_drawn(tmp_path: Path) -> None:
    results = write_results(tmp_path / "lost", methods=("joint",), seeds=(0,))
    write_trials(results, trial("adamw", 0, 0.1, [None], state="failed"))
    page = render(results, tmp_path / "reports")
    assert "diverged: x" in page.read_text(encoding="utf-8")
    assert not (page.parent / "figures/sensitivity.svg").exists()


@pytest.mark.parametrize(
    ("content", "words"), [(b"PAR1", "not a readable Parquet file"), (None, "no column num_trials")]
)
def test_a_damaged_table_of_trials_is_named(
    content: bytes | None, words: str, tmp_path: Path
) -> None:
    results = write_results(tmp_path / "damaged", methods=("joint",), seeds=(0,))
    if content:
        (results / "trials.parquet").write_bytes(content)
    else:
        pd.DataFrame(ROWS).drop(columns="num_trials").to_parquet(results / "trials.parquet")
    with pytest.raises(DataError, match=rf"trials\.parquet: {words}"):
        render(results, tmp_path / "reports")


def test_a_table_of_trials_is_written_once_and_goes_with_the_trials(tmp_path: Path) -> None:
    assert write_trials(tmp_path, ROWS)
    assert not write_trials(tmp_path, ROWS)
    assert write_trials(tmp_path, ROWS[:-1])
    assert write_trials(tmp_path, [])
    assert not write_trials(tmp_path, [])
    assert list(tmp_path.iterdir()) == []


def test_a_tuned_label_shows_the_settings_of_each_combination(tmp_path: Path) -> None:
    def tuned(method: str, lr: float) -> dict[str, object]:
        member = {"name": "sgd", "settings": {"lr": lr, "clip": 1.0}}
        params = json.dumps({"settings": {"optimizer": member}})
        return record(method=method, optimizer="sgd(tuned)", params=params, tuned=True)

    pd.DataFrame([tuned("joint", 0.1), tuned("maml", 0.3)]).to_parquet(tmp_path / "records.parquet")
    records = load(tmp_path).records
    shown = settings_of(records, build_board(records))["optimizer"]["sgd(tuned)"]
    assert shown == {"name": "sgd", "settings": {"lr": [0.1, 0.3], "clip": 1.0}}
