"""The rows that other programs read."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
from published_folders import write_folder

from benchmark.cli import main
from benchmark.publish.build import publication
from benchmark.publish.rows import params_of
from benchmark.publish.schema import table
from benchmark.report.load import load
from benchmark.report.tables import build_board
from benchmark.results.columns import PUBLISHED


def test_every_format_has_every_cell_and_column(site: Path, results: Path) -> None:
    cells = list(pd.read_parquet(results / "records.parquet")["cell"])
    rows = pd.read_parquet(site / "leaderboard.parquet")
    assert list(rows.columns) == list(PUBLISHED)
    assert list(rows["cell"]) == cells
    sheet = pd.read_csv(site / "leaderboard.csv", dtype=str)
    assert list(sheet.columns) == [n for n in PUBLISHED if n not in ("params", "lineage", "tuned")]
    assert list(sheet["cell"]) == cells
    rows = json.loads((site / "leaderboard.json").read_text())["rows"]
    assert [row["cell"] for row in rows] == cells
    assert {name for row in rows for name in row} <= set(PUBLISHED)


def test_settings_of_a_row_are_those_of_its_record(site: Path, results: Path) -> None:
    document = json.loads((site / "leaderboard.json").read_text())
    records = pd.read_parquet(results / "records.parquet").set_index("cell")
    for row in document["rows"]:
        assert params_of(row, document) == json.loads(records.loc[row["cell"], "params"])


def test_the_rate_of_an_unspaced_language_is_its_cer(site: Path) -> None:
    table = pd.read_parquet(site / "leaderboard.parquet").set_index("language")
    assert set(table.loc["ja", "metric"]) == {"cer"}
    assert (table.loc["ja", "error_rate"] == table.loc["ja", "cer"]).all()
    assert set(table.loc["hi", "script"]) == {"Deva"}


def test_combinations_are_those_of_the_report(results: Path) -> None:
    ours = publication([results]).board
    theirs = {tuple(row.axes.values()): row for row in build_board(load(results).records).rows}
    assert len(ours.combinations) == len(theirs)
    for combination in ours.combinations:
        row = theirs[tuple(combination.axes.values())]
        assert combination.overall is not None
        assert combination.overall.error == row.error
        assert {k: v.error for k, v in combination.languages.items()} == row.languages
        assert combination.costs["size_bytes"] == row.cost.size_bytes


def test_ties_are_decided_in_pairs_and_far_worse_is_another_group(results: Path) -> None:
    board = publication([results]).board
    groups = {c.axes["method"]: c.overall.group for c in board.combinations if c.overall}
    assert groups["maml"] == groups["joint"] == 1
    assert groups["scratch"] == 2
    assert "paired test" in board.tie_rule


def test_pairs_tell_apart_what_intervals_do_not(tmp_path: Path) -> None:
    results = write_folder(tmp_path / "r", methods=("joint", "maml"))
    spoken = pd.read_parquet(results / "utterances.parquet")
    records = pd.read_parquet(results / "records.parquet").set_index("cell")
    joint = spoken["cell"].map(records["method"]) == "joint"
    maml = spoken[~joint].copy()
    # Wherever MAML errs, joint training makes one error more: alike in rate, never better.
    spoken.loc[joint, "n_errors"] = (maml["n_errors"] + (maml["n_errors"] > 0)).to_numpy()
    spoken.to_parquet(results / "utterances.parquet", index=False)
    board = publication([results]).board
    best, *_, last = board.combinations
    assert best.overall is not None
    assert last.overall is not None
    assert not best.overall.error.told_apart_from(last.overall.error)
    groups = {c.axes["method"]: c.languages["nl"].group for c in board.combinations}
    assert groups == {"maml": 1, "joint": 2}


def test_a_combination_that_lacks_a_language_has_no_group(tmp_path: Path) -> None:
    results = write_folder(tmp_path / "r", seeds=(0,), failures=1)
    board = publication([results]).board
    incomplete = [c for c in board.combinations if len(c.languages) < 3]
    assert len(incomplete) == 1
    assert incomplete[0].overall is not None
    assert incomplete[0].overall.group is None
    assert board.combinations[-1] is incomplete[0]


def test_latencies_of_two_machines_stay_apart(tmp_path: Path) -> None:
    slow, fast = {"cpu": "slow"}, {"cpu": "fast"}
    first = write_folder(tmp_path / "a", seeds=(0,), machine=slow, latency=50.0)
    second = write_folder(tmp_path / "b", seeds=(1,), machine=fast, latency=2.0)
    board = publication([first, second]).board
    for combination in board.combinations:
        assert round(combination.latency[0][0]) == 50
        assert round(combination.latency[1][0]) == 2


def test_formulas_are_harmless_in_the_sheet(tmp_path: Path) -> None:
    formula = '=HYPERLINK("http://evil","click")'
    results = write_folder(tmp_path / "r", methods=(formula, "joint"), failures=1)
    records = pd.read_parquet(results / "records.parquet")
    records.loc[0, "error"] = "+1+1"
    records.to_parquet(results / "records.parquet", index=False)
    assert main(["publish", str(results), "--to", str(tmp_path / "site")]) == 0
    with (tmp_path / "site/leaderboard.csv").open(newline="") as file:
        fields = [field for row in csv.reader(file) for field in row]
    assert "'" + formula in fields
    assert "'+1+1" in fields
    assert not [field for field in fields if field.startswith(("=", "+", "@"))]


def test_the_schema_in_the_docs_is_that_of_the_code() -> None:
    text = (Path(__file__).parents[2] / "docs/leaderboard.md").read_text()
    assert table() in text, f"docs/leaderboard.md should hold this table:\n{table()}"
