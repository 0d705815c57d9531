"""The tables of a results folder: one row per cell, one row per cell and utterance."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.finite import finite

RECORDS = "records.parquet"
UTTERANCES = "utterances.parquet"
PROVENANCE = "provenance.json"

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


def up_to_date(folder: Path, rows: list[dict[str, Any]], suite_text: str) -> bool:
    """Whether a results folder holds just these records, of just this suite file."""
    try:
        stored = pd.read_parquet(folder / RECORDS).astype(COLUMNS)
        provenance = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError):
        return False
    same = stored.equals(records_table(rows)) and provenance.get("suite_text") == suite_text
    return bool(same) and (folder / UTTERANCES).exists()


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
    """Write provenance.json; what is no number is null."""
    text = json.dumps(finite(provenance), indent=1, ensure_ascii=False, allow_nan=False)
    replace_file(folder / PROVENANCE, lambda path: path.write_text(text, encoding="utf-8"))


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and rename it there, so that no reader sees half of it."""
    draft = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        write(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
