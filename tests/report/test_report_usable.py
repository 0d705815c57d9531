"""Models that recognise nothing are shown and never recommended; missing numbers stay words."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pandas as pd
import pytest
from fabricate import record, write_provenance
from ranked_results import ranked

from benchmark.board.board import Board
from benchmark.board.build import build_board
from benchmark.board.front import front
from benchmark.cli import main
from benchmark.errors import DataError, UserError
from benchmark.report.advice import DeviceLimits, advise
from benchmark.report.findings import find
from benchmark.report.guidance import guide
from benchmark.report.pareto import pareto_figure
from benchmark.report.render import render
from benchmark.results.load import load
from benchmark.scoring.usable import NOTHING_USABLE
from benchmark.text.words import ratio, shown, signed

NO_NUMBER = re.compile(r"\bnan\b|\bNone\b(?! of)|\binf\b|undefined|\bNaN\b|<NA>")


def write(folder: Path, *rows: dict[str, object]) -> Path:
    folder.mkdir(exist_ok=True)
    table = [row | {"cell": f"cell-{i}"} for i, row in enumerate(rows)]
    pd.DataFrame(table).to_parquet(folder / "records.parquet")
    write_provenance(folder)
    return folder


def board_of(folder: Path, *rows: dict[str, object]) -> Board:
    return build_board(load(write(folder, *rows)).records)


GOOD = record(0.5, half=0.3, method="joint", size_bytes=2_000_000)
SILENT = record(0.6, half=0.3, method="maml", compression="int8", size_bytes=9, blank_fraction=1.0)
USELESS = record(0.96, half=0.4, method="reptile", compression="int4", size_bytes=8)


def test_the_smallest_and_the_lowest_are_those_of_usable_models(tmp_path: Path) -> None:
    lower = record(0.4, method="fomaml", size_bytes=5, deletion_rate=0.95)
    results = load(write(tmp_path / "r", GOOD, SILENT, USELESS, lower))
    ranking = ranked(results)
    assert ranking.board.best is not None
    assert ranking.board.best.axes["method"] == "joint"
    assert [row.axes["method"] for row in ranking.tied] == ["joint"]
    assert [row.axes["method"] for row in ranking.board.best_per("method")] == ["joint"]
    assert set(ranking.groups) == {ranking.board.best.key}
    text = " ".join(f.text for f in [*find(results, ranking), *guide(ranking)])
    assert "3 of 4 combinations are not usable" in text
    assert "Smallest" not in text
    assert "seconds" not in text
    assert advise(results, DeviceLimits(), None).smallest.axes["method"] == "joint"


def test_no_useless_point_is_on_a_front(tmp_path: Path) -> None:
    board = board_of(tmp_path / "r", GOOD, SILENT, USELESS)
    points = [(row.cost.size_bytes, error, row) for row, error in board.scored]
    shown = front(board.combinations, lambda row: row.cost.size_bytes)
    legend = pareto_figure(board, points, shown).legends[0]
    numbered = [text.get_text() for text in legend.get_texts() if text.get_text()[0].isdigit()]
    assert numbered == ["1: joint, uncompressed"]


@pytest.mark.parametrize("rows", [[USELESS], [SILENT, USELESS], [record(1.0, half=0.0)]])
def test_a_report_of_nothing_usable_opens_with_that(
    tmp_path: Path, rows: list[dict[str, object]]
) -> None:
    folder = write(tmp_path / "r", *rows)
    page = render(folder, tmp_path / "reports")
    summary = (page.parent / "summary.md").read_text()
    assert summary.splitlines()[2] == f"**{NOTHING_USABLE}**"
    text = page.read_text()
    assert text.index(NOTHING_USABLE) < text.index("<nav")
    assert "Lowest error" not in text + summary
    with pytest.raises(DataError, match="Nothing is recommended"):
        advise(load(folder), DeviceLimits(), None)
    assert main(["advise", str(folder)]) == 3


def test_latency_is_what_was_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few_runs = record(0.4, latency_p50_ms=7.5, latency_p95_ms=None)
    folder = write(tmp_path / "r", few_runs, few_runs | {"compression": "int8", "wer": 0.45})
    with pytest.raises(UserError, match=r"95th percentile .* 130 runs.* median is 7\.5 ms"):
        advise(load(folder), DeviceLimits(latency_ms=20.0), None)
    assert main(["advise", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "7.5 ms (median)" in said
    assert "were not measured" not in said
    nothing = record(0.4, latency_p50_ms=None, latency_p95_ms=None)
    assert main(["advise", str(write(tmp_path / "q", nothing))]) == 0
    assert "latencies were not measured" in capsys.readouterr().out


SPARSE = [
    {"wer_low": None, "wer_high": None, "n_utterances": 1},
    {"latency_p50_ms": None, "latency_p95_ms": None, "latency_ratio": None, "rtfx": None},
    {"latency_ratio": 1.0, "latency_ratio_low": None, "latency_ratio_high": None},
    {"size_bytes": None, "size_ratio": None, "parameters": None, "nonzero_parameters": None},
    {
        "latency_by_length": json.dumps(
            [
                {"seconds": seconds, "p50_ms": 9, "p50_low_ms": 8, "p50_high_ms": 10}
                | {"latency_ratio": None}
                for seconds in (3, 1)
            ]
        ),
        "adapt_seconds": math.nan,
        "blank_fraction": None,
        "deletion_rate": None,
    },
]


@pytest.mark.parametrize("missing", SPARSE)
def test_no_page_shows_a_number_that_is_none(
    tmp_path: Path, missing: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    other = {"compression": "int8", "wer": 0.41, "size_bytes": 430_000} | missing
    folder = write(tmp_path / "r", record(0.4) | missing, record(0.4) | other)
    provenance = json.loads((folder / "provenance.json").read_text())
    provenance["hardware"] |= {"gpu": None, "watts": None}
    provenance["corpora"][0] |= {"digest": None}
    (folder / "provenance.json").write_text(json.dumps(provenance))
    page = render(folder, tmp_path / "reports")
    text = page.read_text()
    text = text[: text.index("<script>")] + text[text.index("<main>") :].split("<script>")[0]
    for part in (text, (page.parent / "summary.md").read_text()):
        assert not NO_NUMBER.search(
            re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", part, flags=re.S)
        )
    assert not NO_NUMBER.search((page.parent / "leaderboard.csv").read_text())
    main(["advise", str(folder)])
    assert not NO_NUMBER.search(capsys.readouterr().out)


def test_a_value_without_a_number_is_nothing() -> None:
    assert [shown(v) for v in (None, math.nan, math.inf, 0.0, "x")] == ["", "", "", 0.0, "x"]
    assert ratio(1.0, math.nan, 2.0) == ""
    assert ratio(1.0, 0.5, 2.0) == "1.00 [0.50, 2.00]"
    assert signed(math.nan) == ""
