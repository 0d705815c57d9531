"""What is read of results was checked: file, column and row of what is wrong are named."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmark.errors import DataError
from benchmark.evidence.baseline import read_baseline, save_baseline
from benchmark.evidence.side import load_side
from benchmark.results.column import dtypes
from benchmark.results.columns import RECORD
from benchmark.results.read import read_run
from benchmark.results.utterance_columns import COUNTS
from benchmark.results.write import write_provenance, write_records

ROWS = [
    {
        **dict.fromkeys(("model", "method", "outer", "optimizer", "compression"), "m"),
        **dict.fromkeys(("shots", "head", "runtime", "normaliser"), "n"),
        "suite": "s",
        "cell": f"c{seed}",
        "language": "nl",
        "seed": seed,
        "draw": 0,
        "status": "ok",
        "metric": "wer",
        "wer": 0.5,
        "cer": 0.25,
        "size_bytes": 9,
        "quality_key": "q",
        "cost_key": "c",
        "params": "{}",
    }
    for seed in range(3)
]


def write(folder: Path, utterances: Any = None, provenance: Any = None, **changed: Any) -> Path:
    """Three cells; `changed` replaces columns, by a list or by one value for all."""
    folder.mkdir(exist_ok=True)
    write_records(folder, ROWS)
    for name, values in changed.items():
        table = pq.read_table(folder / "records.parquet").replace_schema_metadata(None)
        values = values if isinstance(values, list) else [values] * 3
        place = table.column_names.index(name)
        pq.write_table(table.set_column(place, name, pa.array(values)), folder / "records.parquet")
    if utterances is not None:
        pq.write_table(pa.table(utterances), folder / "utterances.parquet")
    if provenance is not None:
        (folder / "provenance.json").write_text(provenance)
    return folder


def counts(**changed: Any) -> dict[str, Any]:
    return {
        "cell": ["c0", "c0", "c1"],
        "uid": ["a", "b", "a"],
        "speaker": ["x", None, "x"],
        **{name: [1, 2, 3] for name in COUNTS},
        **changed,
    }


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"wer": [0.5, -0.25, 0.5]}, "column wer, row 2: -0.25 is below 0"),
        ({"cer_high": [0.5, 0.5, math.inf]}, "column cer_high, row 3: inf is above 1e+06"),
        ({"blank_fraction": 1.5}, "column blank_fraction, row 1: 1.5 is above 1"),
        ({"wer": ["half", "0.5", "0.4"]}, "column wer: it holds text, not numbers"),
        ({"latency_p50_ms": [[1.0]] * 3}, "column latency_p50_ms: it holds values of type list"),
        ({"synthetic": [0, 1, 0]}, "column synthetic: it holds numbers, not true or false"),
        ({"seed": [0.0, 1.5, 2.0]}, "column seed, row 2: 1.5 is not a whole number"),
        ({"cell": ["c0", None, "c2"]}, "column cell, row 2: it is empty"),
        ({"cell": ["c0", "c1", "c0"]}, "column cell, row 3: the cell occurs twice (cell 'c0')"),
        ({"status": ["ok", "fine", "ok"]}, "column status, row 2: 'fine' is none of ok, failed"),
        ({"metric": ["wer", "wer", "ter"]}, "column metric, row 3: 'ter' is none of wer, cer"),
        ({"method": ["m", "\x1b[2J", "m"]}, "column method, row 2: '\\x1b[2J' is not a name"),
        ({"model": ["m", "m", "m" * 1_000_000]}, "column model, row 3: 'mmm"),
        (
            {"quality_key": ["q", "../../q", "q"]},
            "column quality_key, row 2: '../../q' is not a valid",
        ),
        ({"wer": [0.5, None, 0.5]}, "column wer, row 2: a cell with status ok lacks its error"),
        ({"wer_low": [0.1, 0.4, 0.1], "wer_high": [0.2, 0.3, 0.2]}, "column wer_low, row 2"),
        ({"curve": [None, '{"0": "low"}', None]}, "column curve, row 2: not valid"),
        ({"latency_by_length": [None, None, "[" * 9000]}, "latency_by_length, row 3: not valid"),
    ],
)
def test_a_value_that_no_run_writes_is_named_with_its_place(
    changed: dict[str, Any], words: str, tmp_path: Path
) -> None:
    folder = write(tmp_path / "r", **changed)
    with pytest.raises(DataError) as refused:
        read_run(folder)
    text = str(refused.value)
    assert text.startswith(f"{folder / 'records.parquet'}: ")
    assert words in text
    assert "\n" not in text
    assert len(text) < len(str(folder)) + 300


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "should be a valid dictionary"),
        ('{"corpora": [{"language": 7}]}', "corpora[0].language: should be a valid string, not 7"),
        ('{"hardware": {"cpu": ["x"]}}', "hardware.cpu: "),
        ('{"timing_noise": {"k": [1.0]}}', "timing_noise.k: "),
        ('{"seconds_total": 1e999}', "too large a number"),
        ('{"command": "\\ud800"}', "not valid JSON"),
        ('{"git": ' + "[" * 5000, "not valid JSON"),
    ],
)
def test_provenance_of_another_shape_is_named_with_its_field(
    text: str, words: str, tmp_path: Path
) -> None:
    folder = write(tmp_path / "r", provenance=text)
    with pytest.raises(DataError, match=r"provenance\.json: not") as refused:
        read_run(folder)
    assert words in str(refused.value)
    assert len(str(refused.value)) < len(str(folder)) + 300


def test_what_a_terminal_obeys_is_taken_out_of_free_texts(tmp_path: Path) -> None:
    provenance = json.dumps({"hardware": {"cpu": "\x1b[31mXeon"}, "later": math.nan})
    folder = write(
        tmp_path / "r", status=["ok", "failed", "ok"], error=[None, "a\n\tb\x1b]0;c\x07", None],
        provenance=provenance,
    )  # fmt: skip
    run = read_run(folder)
    assert run.records["error"].iloc[1] == "a\n\tb\ufffd]0;c\ufffd"
    assert run.provenance == {"hardware": {"cpu": "\ufffd[31mXeon"}, "later": None}


def test_columns_of_older_and_of_later_versions(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "cell": ["a", "b", "c"],
            "status": ["ok", "ok", "failed"],
            "shots": [20.0, 100.0, None],
            "n_words": [7.0, 8.0, None],
            "invented": [{"x": 1}] * 3,
        }
    )
    table.to_parquet(tmp_path / "records.parquet")
    records = read_run(tmp_path).records
    assert list(records.columns) == ["cell", "status", "shots", "n_words"]
    assert records["shots"].tolist()[:2] == ["20", "100"]
    assert records["n_words"].tolist()[:2] == [7, 8]
    assert records[["shots", "n_words"]].isna().all(axis=1).tolist() == [False, False, True]


def test_a_table_that_was_just_written_is_read_as_it_is(tmp_path: Path) -> None:
    records = read_run(write(tmp_path)).records
    assert {name: str(dtype) for name, dtype in records.dtypes.items()} == dtypes(RECORD)
    assert records["wer"].tolist() == [0.5] * 3


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"uid": ["a", None, "a"]}, "column uid, row 2: it is empty"),
        ({"n_errors": [0, 1, -1]}, "column n_errors, row 3: -1 is below 0"),
        ({"n_words": [1, None, 2]}, "column n_words, row 2: it is empty"),
        ({"speaker": [b"x"] * 3}, "column speaker: it holds values of type binary"),
    ],
)
def test_utterances_are_checked_as_records_are(
    changed: dict[str, Any], words: str, tmp_path: Path
) -> None:
    folder = write(tmp_path / "r", utterances=counts(**changed))
    with pytest.raises(DataError) as refused:
        load_side(folder)
    assert f"utterances.parquet: {words}" in str(refused.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    raw = pa.array([b"\xff\xfe"] * 3, pa.binary())
    text = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    folder = write(tmp_path / "r", utterances=counts(uid=text))
    with pytest.raises(DataError, match="column uid: it holds bytes that are not valid text"):
        load_side(folder)


def test_a_flipped_bit_in_a_page_is_noticed_where_the_page_has_a_checksum(tmp_path: Path) -> None:
    folder = write(tmp_path / "r", utterances=counts())
    path = folder / "utterances.parquet"
    table = pa.table(counts(uid=["first", "second", "third"]))
    plain: dict[str, Any] = {"use_dictionary": False, "compression": "none"}
    pq.write_table(table, path, write_page_checksum=True, **plain)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"second", b"secone", 1))
    with pytest.raises(DataError, match=r"utterances\.parquet: not a readable Parquet file"):
        load_side(folder)


def test_a_baseline_is_checked_too(tmp_path: Path) -> None:
    folder = write(tmp_path / "r", utterances=counts())
    write_provenance(folder, {"corpora": [{"language": "nl", "digest": "d"}]})
    side = load_side(folder)
    path = save_baseline(side, tmp_path / "baseline")
    records, kept = read_baseline(path)
    assert records["cell"].tolist() == ["c0", "c1", "c2"]
    assert {cell: table["uid"].tolist() for cell, table in kept.items()} == {
        "c0": ["a", "b"], "c1": ["a"],
    }  # fmt: skip
    table = pq.read_table(path)
    for name, values, words in (
        (
            "n_errors",
            [[1], [2], None],
            "column n_errors, row 1: its list differs in length",
        ),
        ("n_words", [1, 2, 3], "column n_words: it does not hold lists"),
        ("speaker", [["x"], ["x", "y"], None], "column speaker, row 1: its list differs in length"),
        ("n_errors", [[1, -2], [3], None], "column n_errors: -2 is below 0"),
    ):
        place = table.column_names.index(name)
        pq.write_table(table.set_column(place, name, pa.array(values)), path)
        with pytest.raises(DataError) as refused:
            read_baseline(path)
        assert words in str(refused.value)
