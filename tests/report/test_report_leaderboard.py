"""The leaderboard reads back as numbers and is no danger to a spreadsheet."""

import io
from pathlib import Path

import pandas as pd
import pytest
from fabricate import record, write_results
from ranked_results import ranked

from benchmark.report.leaderboard import to_csv
from benchmark.results.load import load
from benchmark.text.escape import neutralise


def board_csv(folder: Path) -> pd.DataFrame:
    results = load(folder)
    text = to_csv(results, ranked(results))
    return pd.read_csv(io.StringIO(text), dtype={"shots": str}, keep_default_na=False)


def test_one_row_per_combination_with_rates_intervals_and_costs(tmp_path: Path) -> None:
    rows = board_csv(write_results(tmp_path / "r", failures=0, utterances=0))
    assert len(rows) == 5 * 2 * 4
    assert list(rows["error_rate"]) == sorted(rows["error_rate"])
    first = rows.iloc[0]
    assert first["low"] < first["error_rate"] < first["high"]
    mean = (first["wer_nl"] + first["wer_pt"] + first["wer_tr"]) / 3
    assert mean == pytest.approx(first["error_rate"], abs=1e-5)
    assert set(rows["n_seeds"]) == {3}
    assert set(rows["shots"]) == {"20"}
    assert first["commit"].endswith("+changes")


def test_a_combination_without_result_keeps_its_row(tmp_path: Path) -> None:
    pd.DataFrame([record(0.4), record(None, method="maml")]).to_parquet(
        tmp_path / "records.parquet"
    )
    rows = board_csv(tmp_path)
    assert list(rows["method"]) == ["joint", "maml"]
    assert rows["error_rate"].iloc[1] == ""
    assert rows["n_failed"].iloc[1] == 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_name_that_a_spreadsheet_would_run_is_neutralised(start: str) -> None:
    assert neutralise(start + "cmd|'/c calc'!A1") == "'" + start + "cmd|'/c calc'!A1"


def test_negative_numbers_stay_numbers() -> None:
    assert neutralise(-1.5) == "-1.5"
