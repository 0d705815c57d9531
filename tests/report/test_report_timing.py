"""What structures cost is told once each, and an invalid timing in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
from fabricate import record, write_provenance

from benchmark.report.render import render
from benchmark.report.timing import timing_rows
from benchmark.results.load import load

LENGTHS = [
    {"seconds": s, "p50_ms": 3 * s, "p50_low_ms": 2 * s, "p50_high_ms": 4 * s, "latency_ratio": r}
    for s, r in ((3.0, 0.8), (10.0, 0.7))
]


def write(folder: Path, rows: list[dict[str, Any]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_parquet(folder / "records.parquet")
    write_provenance(folder)


def results(folder: Path, invalid: str = "") -> Path:
    """Two structures, one of which stands for two cells."""
    costs = {
        "latency_by_length": json.dumps(LENGTHS),
        "load_ms": 41.5,
        "first_call_ms": 17.25,
        "throughput_rtfx": 612.0,
        "throughput_batch": 8,
    }
    rows = [
        record(0.3, seed=seed, compression=compression, cost_key=f"key-{compression}", **costs)
        for compression in ("none", "int8")
        for seed in (0, 1)
    ]
    write(folder, rows)
    if invalid:
        path = folder / "provenance.json"
        provenance = json.loads(path.read_text())
        path.write_text(json.dumps({**provenance, "timing_invalid": {"key-int8": invalid}}))
    return folder


def test_each_structure_is_one_row_with_what_tells_it_from_the_others(tmp_path: Path) -> None:
    rows = timing_rows(load(results(tmp_path)))
    assert [row.name for row in rows] == ["none", "int8"]
    assert [length["seconds"] for length in rows[0].lengths] == [3.0, 10.0]


def test_structures_that_differ_by_language_say_so(tmp_path: Path) -> None:
    rows = [record(0.3, language=name, cost_key=f"key-{name}") for name in ("nl", "tr")]
    write(tmp_path, rows)
    assert [row.name for row in timing_rows(load(tmp_path))] == ["none, nl", "none, tr"]


def test_a_timing_without_costs_of_its_own_is_still_shown(tmp_path: Path) -> None:
    write(tmp_path / "older", [record(0.3)])
    page = render(tmp_path / "older", tmp_path / "reports").read_text(encoding="utf-8")
    assert "Costs of each structure" in page


def test_the_page_shows_load_first_call_lengths_and_throughput(tmp_path: Path) -> None:
    page = render(results(tmp_path / "suite"), tmp_path / "reports").read_text(encoding="utf-8")
    for text in ("41.5", "17.2", "10 s: 30 ms [20, 40], &times; 0.70", "612", "batch 8"):
        assert text in page
    assert "invalid" not in page


def test_an_invalid_timing_is_said_in_words(tmp_path: Path) -> None:
    folder = results(tmp_path / "suite", "the reference differs from its own duplicate")
    page = render(folder, tmp_path / "reports").read_text(encoding="utf-8")
    assert "The timing of int8 is invalid</b>: the reference differs from its own" in page
    assert page.count("not valid") == 1
