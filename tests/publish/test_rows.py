"""The rows that other programs read."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest
from published_folders import write_folder

from benchmark.cli import main
from benchmark.publish.build import build_publication
from benchmark.publish.rows import params_of
from benchmark.publish.schema import table
from benchmark.report.render import render
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


def test_the_site_agrees_with_the_report(results: Path, site: Path, tmp_path: Path) -> None:
    """Both are read as their users read them: the sheet of the report, the data of the page."""
    report = render(results, tmp_path).parent / "leaderboard.csv"
    sheet = pd.read_csv(report, keep_default_na=False)
    text = (site / "data/board.js").read_text()
    entries = json.loads(text[text.index("= ") + 2 : text.rindex(";")])
    assert len(entries) == len(sheet) == 6
    for row, entry in zip(sheet.to_dict("records"), entries, strict=True):
        compression = "uncompressed" if row["compression"] == "none" else row["compression"]
        assert entry["l"] == [row["method"], compression]
        rate, low, high, group = entry["e"]
        expected = (row["error_rate"], row["low"], row["high"])
        assert (rate, low, high) == pytest.approx(expected, rel=1e-4)
        assert str(group) == str(row["group"])
        assert entry["s"] == row["size_bytes"]
        by_language = [entry["L"][str(i)][0] for i in range(3)]
        assert by_language == pytest.approx([row["wer_nl"], row["wer_hi"], row["cer_ja"]], rel=1e-4)


def test_a_ceiling_has_no_group_and_is_marked_on_every_page(tmp_path: Path) -> None:
    results = write_folder(tmp_path / "r", methods=("joint", "monolingual"))
    found = build_publication([results])
    ceilings = [c for c in found.board.combinations if c.axes["method"] == "monolingual"]
    assert len(ceilings) == 2
    assert not {c.key for c in ceilings} & set(found.ranking.groups)
    assert found.board.best is not None
    assert found.board.best.axes["method"] == "joint"
    assert not found.rows.loc[found.rows["method"] == "monolingual", "group"].notna().any()
    (tmp_path / "site").mkdir()
    found.write(tmp_path / "site")
    for page in ("fairness.html", "methods/index.html", "methods/monolingual.html"):
        assert "sees all training speech" in (tmp_path / "site" / page).read_text()
    assert '"k":1' in (tmp_path / "site/data/board.js").read_text()


def test_ties_are_decided_in_pairs_and_far_worse_is_another_group(results: Path) -> None:
    ranking = build_publication([results]).ranking
    groups = {c.axes["method"]: ranking.groups[c.key] for c in ranking.board.combinations}
    assert groups["maml"] == groups["joint"] == 1
    assert groups["scratch"] == 2
    assert "paired test" in ranking.rule


def test_pairs_tell_apart_what_intervals_do_not(tmp_path: Path) -> None:
    results = write_folder(tmp_path / "r", methods=("joint", "maml"))
    spoken = pd.read_parquet(results / "utterances.parquet")
    records = pd.read_parquet(results / "records.parquet").set_index("cell")
    joint = spoken["cell"].map(records["method"]) == "joint"
    maml = spoken[~joint].copy()
    # Wherever MAML errs, joint training makes one error more: alike in rate, never better.
    spoken.loc[joint, "n_errors"] = (maml["n_errors"] + (maml["n_errors"] > 0)).to_numpy()
    spoken.to_parquet(results / "utterances.parquet", index=False)
    ranking = build_publication([results]).ranking
    best, *_, last = ranking.board.combinations
    assert best.error is not None
    assert last.error is not None
    assert not best.error.disjoint_from(last.error)
    in_dutch = ranking.language_groups["nl"]
    groups = {c.axes["method"]: in_dutch[c.key] for c in ranking.board.combinations}
    assert groups == {"maml": 1, "joint": 2}


def test_a_combination_that_lacks_a_language_has_no_group(tmp_path: Path) -> None:
    results = write_folder(tmp_path / "r", seeds=(0,), failures=1)
    ranking = build_publication([results]).ranking
    board = ranking.board
    incomplete = [c for c in board.combinations if len(c.languages) < 3]
    assert len(incomplete) == 1
    assert incomplete[0].error is not None
    assert incomplete[0].key not in ranking.groups
    assert board.combinations[-1] is incomplete[0]


def test_latencies_of_two_machines_stay_apart(tmp_path: Path) -> None:
    slow, fast = {"cpu": "slow"}, {"cpu": "fast"}
    first = write_folder(tmp_path / "a", seeds=(0,), machine=slow, latency=50.0)
    second = write_folder(tmp_path / "b", seeds=(1,), machine=fast, latency=2.0)
    board = build_publication([first, second]).board
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
