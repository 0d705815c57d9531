"""`--only` adds to the results that are there."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from benchmark.cli import main

AXES = ["optimizer", "compression"]


pytestmark = pytest.mark.usefixtures("timing_at_once")


@pytest.fixture
def folder(tmp_path: Path, suite_text: str) -> Path:
    text = suite_text.replace("[scratch, joint, {", "[scratch] # {")
    (tmp_path / "tiny.yaml").write_text(text)
    return tmp_path


def run(folder: Path, *options: str) -> int:
    places = ["--results", str(folder / "results"), "--reports", str(folder / "reports")]
    suite = str(folder / "tiny.yaml")
    return main([suite, "--device", "cpu", "--jobs", "1", "--no-report", *places, *options])


def cells(folder: Path) -> dict[tuple[str, str], str]:
    """Optimizer and compression of every row, with its status."""
    table = pd.read_parquet(folder / "results/tiny/records.parquet")
    heard = pd.read_parquet(folder / "results/tiny/utterances.parquet")
    assert set(heard["cell"]) == set(table.loc[table["status"] == "ok", "cell"])
    rows = table[[*AXES, "status"]].itertuples(index=False)
    return {(row.optimizer, row.compression): row.status for row in rows}


def test_selections_add_up_and_nothing_is_lost(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "--only", "optimizer=sgd", "--only", "compression=int8") == 0
    assert set(cells(folder)) == {("sgd", "int8")}
    assert run(folder, "--only", "optimizer=adamw", "--only", "compression=none") == 0
    assert set(cells(folder)) == {("sgd", "int8"), ("adamw", "none")}
    assert "1 ok of 1 cells" in capsys.readouterr().out
    assert run(folder) == 0
    full = pd.read_parquet(folder / "results/tiny/records.parquet")
    assert len(full) == 4
    for selection in ("optimizer=sgd", "compression=none", "method=scratch"):
        assert run(folder, "--only", selection) == 0
        kept = pd.read_parquet(folder / "results/tiny/records.parquet")
        pd.testing.assert_frame_equal(kept, full)


def test_a_damaged_table_costs_no_row(folder: Path) -> None:
    assert run(folder) == 0
    table = folder / "results/tiny/records.parquet"
    table.write_bytes(table.read_bytes()[:200])
    assert run(folder, "--only", "optimizer=sgd") == 0
    assert len(cells(folder)) == 4


def test_rows_of_settings_that_the_suite_no_longer_has_go(folder: Path) -> None:
    assert run(folder) == 0
    assert run(folder, "--set", "budget.adapt=8", "--only", "optimizer=sgd") == 0
    assert set(cells(folder)) == {("sgd", "none"), ("sgd", "int8")}
    assert run(folder, "--only", "optimizer=adamw") == 0
    assert len(cells(folder)) == 4, "the stages of the others are still there"


def test_the_exit_code_and_the_last_line_are_about_the_selection(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = folder / "tiny.yaml"
    suite.write_text(suite.read_text().replace("[sgd,", "[{name: sgd, lr: 1.0e+38},"))
    assert run(folder) == 3
    capsys.readouterr()
    assert run(folder, "--only", "optimizer=adamw") == 0
    assert "2 ok of 2 cells" in capsys.readouterr().out
    statuses = cells(folder)
    assert sorted(statuses.values()) == ["diverged", "diverged", "ok", "ok"]
