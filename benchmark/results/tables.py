"""The tables of a results folder: one row per cell, one row per cell and utterance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from benchmark.errors import DataError
from benchmark.finite import finite
from benchmark.store.drafts import replace_file
from benchmark.store.integrity import CHANGED, GONE, fault, is_sealed, sealed, stamp, unsealed

RECORDS = "records.parquet"
UTTERANCES = "utterances.parquet"
TRIALS = "trials.parquet"
TABLES = (RECORDS, UTTERANCES, TRIALS)
PROVENANCE = "provenance.json"

NO_JSON = "is not valid JSON"

COLUMNS: dict[str, str] = {
    "suite": "string",
    "cell": "string",
    "model": "string",
    "method": "string",
    "outer": "string",
    "optimizer": "string",
    "compression": "string",
    "language": "string",
    "shots": "string",
    "seed": "Int64",
    "draw": "Int64",
    "head": "string",
    "tuned": "boolean",
    "ceiling": "boolean",
    "runtime": "string",
    "when": "string",
    "status": "string",
    "error": "string",
    "wer": "float64",
    "wer_low": "float64",
    "wer_high": "float64",
    "cer": "float64",
    "cer_low": "float64",
    "cer_high": "float64",
    "n_utterances": "Int64",
    "n_words": "Int64",
    "n_errors": "Int64",
    "n_characters": "Int64",
    "n_character_errors": "Int64",
    "metric": "string",
    "normaliser": "string",
    "blank_fraction": "float64",
    "deletion_rate": "float64",
    "curve": "string",
    "curve_area": "float64",
    "size_bytes": "Int64",
    "size_ratio": "float64",
    "header_bytes": "Int64",
    "parameters": "Int64",
    "nonzero_parameters": "Int64",
    "latency_p50_ms": "float64",
    "latency_p50_low_ms": "float64",
    "latency_p50_high_ms": "float64",
    "latency_p90_ms": "float64",
    "latency_p95_ms": "float64",
    "latency_p99_ms": "float64",
    "latency_ratio": "float64",
    "latency_ratio_low": "float64",
    "latency_ratio_high": "float64",
    "timing_valid": "boolean",
    "rtfx": "float64",
    "latency_by_length": "string",
    "load_ms": "float64",
    "first_call_ms": "float64",
    "features_ms": "float64",
    "network_ms": "float64",
    "decode_ms": "float64",
    "throughput_rtfx": "float64",
    "throughput_batch": "Int64",
    "peak_memory_bytes": "Int64",
    "energy_joules": "float64",
    "flops": "Int64",
    "bytes_moved": "Int64",
    "roofline_share": "float64",
    "meta_train_seconds": "float64",
    "adapt_seconds": "float64",
    "compress_seconds": "float64",
    "evaluate_seconds": "float64",
    "gradients_spent": "Int64",
    "meta_train_gradients": "Int64",
    "adapt_gradients": "Int64",
    "meta_train_flops": "float64",
    "adapt_flops": "float64",
    "meta_train_peak_memory_bytes": "Int64",
    "adapt_peak_memory_bytes": "Int64",
    "compress_gradients": "Int64",
    "optimizer_state_bytes": "Int64",
    "optimizer_step_seconds": "float64",
    "shared_speakers": "float64",
    "shared_texts": "float64",
    "synthetic": "boolean",
    "quality_key": "string",
    "cost_key": "string",
    "device": "string",
    "created": "string",
    "params": "string",
    "lineage": "string",
}
"""Columns of records.parquet; rates are fractions, `NA` is what was not measured."""

TIMINGS = frozenset(
    name
    for name in COLUMNS
    if name.startswith(("latency_", "timing_", "throughput_", "rtfx", "cost_"))
    or name.endswith(("_seconds", "_ms", "_joules", "_share", "peak_memory_bytes"))
) | {"created"}
"""Columns that differ from run to run of the same cell."""


def records_table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """`rows` in their order, with every column."""
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def write_records(folder: Path, rows: list[dict[str, Any]]) -> None:
    """Write records.parquet."""
    table = records_table(rows)
    replace_file(folder / RECORDS, lambda path: table.to_parquet(path, index=False))


def damaged_tables(folder: Path) -> dict[str, str]:
    """Which files of a results folder are not what its run wrote, and what is wrong with each.

    provenance.json is sealed and holds the stamp of every table. One of an earlier version tells
    nothing of them.
    """
    try:
        text = (folder / PROVENANCE).read_text(encoding="utf-8")
        tables = unsealed(text).get("tables")
        if not is_sealed(text):
            return {} if tables is None else {PROVENANCE: CHANGED}
        faults = {name: fault(folder / name, known, True) for name, known in (tables or {}).items()}
    except (FileNotFoundError, NotADirectoryError):
        return {PROVENANCE: GONE} if (folder / RECORDS).exists() else {}
    except json.JSONDecodeError:
        return {PROVENANCE: NO_JSON}
    except ValueError as error:
        return {PROVENANCE: CHANGED if isinstance(error, UnicodeError) else str(error)}
    return {name: reason for name, reason in faults.items() if reason}


def check_tables(folder: Path) -> None:
    """Raise DataError where a table of a results folder is not what its run wrote.

    A provenance.json that is no JSON, or not there, is left to whoever reads it.
    """
    for name, reason in damaged_tables(folder).items():
        if name == PROVENANCE and reason in (NO_JSON, GONE):
            continue
        raise DataError(f"{folder / name} {reason}.\nRun the suite again, which writes its tables.")


def up_to_date(folder: Path, rows: list[dict[str, Any]], suite_text: str) -> bool:
    """Whether a results folder holds just these records, of just this suite file."""
    try:
        text = (folder / PROVENANCE).read_text(encoding="utf-8")
        provenance = unsealed(text)
        if not is_sealed(text) or damaged_tables(folder):
            return False
        stored = pd.read_parquet(folder / RECORDS).astype(COLUMNS)
    except (OSError, ValueError, KeyError):
        return False
    same = stored.equals(records_table(rows)) and provenance.get("suite_text") == suite_text
    there = {name for name in TABLES if (folder / name).exists()}
    return bool(same) and {RECORDS, UTTERANCES} <= there == provenance["tables"].keys()


def known_cells(folder: Path) -> set[str]:
    """The ids of the cells that records.parquet has rows of, as far as it can be read."""
    try:
        return set(pd.read_parquet(folder / RECORDS, columns=["cell"])["cell"])
    except (OSError, ValueError, KeyError, pa.ArrowException):
        return set()


def write_utterances(folder: Path, scored: dict[str, Path]) -> None:
    """Write utterances.parquet from the table that each cell's score left, by cell."""
    parts = []
    for cell, path in scored.items():
        part = pd.read_parquet(path)
        part.insert(0, "cell", cell)
        parts.append(part)
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"cell": []})
    replace_file(folder / UTTERANCES, lambda path: table.to_parquet(path, index=False))


def write_provenance(folder: Path, provenance: dict[str, Any]) -> None:
    """Write provenance.json, with the stamps of the tables that are there; what is no number
    is null."""
    tables = {name: stamp(folder / name) for name in TABLES if (folder / name).exists()}
    text = sealed({**finite(provenance), "tables": tables})
    replace_file(folder / PROVENANCE, lambda path: path.write_text(text, encoding="utf-8"))
