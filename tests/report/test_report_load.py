"""A results folder that is partial is read; one that is broken is named in one line."""

import json
from pathlib import Path

import pandas as pd
import pytest
from fabricate import record, write_results

from benchmark.errors import DataError
from benchmark.results.load import load


def test_a_folder_without_records_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no records\.parquet"):
        load(tmp_path)


def test_a_broken_records_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "records.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(DataError, match="not a readable Parquet file") as caught:
        load(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_broken_provenance_file_is_named(tmp_path: Path) -> None:
    write_results(tmp_path, utterances=0)
    (tmp_path / "provenance.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="not valid JSON"):
        load(tmp_path)


def test_absent_columns_are_absent_values(tmp_path: Path) -> None:
    few = {name: record(0.4)[name] for name in ("cell", "method", "language", "status", "wer")}
    pd.DataFrame([few]).to_parquet(tmp_path / "records.parquet")
    results = load(tmp_path)
    assert results.records["rate"].iloc[0] == 0.4
    assert results.records["latency_p50_ms"].isna().all()
    assert results.provenance == {}


def test_shots_read_as_written_even_where_a_gap_made_them_floats(tmp_path: Path) -> None:
    rows = [record(0.4, shots=20), record(0.4, shots=None)]
    pd.DataFrame(rows).to_parquet(tmp_path / "records.parquet")
    assert list(load(tmp_path).records["shots"]) == ["20", ""]


def test_a_ceiling_of_older_results_is_known_by_its_name(tmp_path: Path) -> None:
    named = json.dumps({"settings": {"method": {"name": "monolingual"}}})
    rows = [
        record(method="monolingual"),
        record(method="all(batch_size=4)", params=named),
        record(method="joint"),
        record(method="somebody.elses:Method"),
    ]
    pd.DataFrame(rows).to_parquet(tmp_path / "records.parquet")
    assert list(load(tmp_path).records["ceiling"]) == [True, True, False, False]


def test_a_ceiling_is_what_the_records_say_where_they_say_it(tmp_path: Path) -> None:
    rows = [record(method="mine:Bound", ceiling=True), record(method="joint", ceiling=False)]
    pd.DataFrame(rows).to_parquet(tmp_path / "records.parquet")
    assert list(load(tmp_path).records["ceiling"]) == [True, False]
