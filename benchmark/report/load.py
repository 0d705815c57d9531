"""Read a results folder; what a partial or older run lacks is filled in as absent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.errors import DataError
from benchmark.results.tables import TRIALS, check_tables
from benchmark.results.trials import COLUMNS as TRIAL_COLUMNS

_TEXTS = (
    "cell",
    "model",
    "method",
    "optimizer",
    "outer",
    "compression",
    "language",
    "language_role",
    "shots",
    "seed",
    "draw",
    "head",
    "runtime",
    "status",
    "error",
    "metric",
    "normaliser",
    "quality_key",
    "cost_key",
    "latency_by_length",
    "device",
    "created",
    "params",
    "curve",
)
_NUMBERS = (
    "wer",
    "wer_low",
    "wer_high",
    "cer",
    "cer_low",
    "cer_high",
    "n_utterances",
    "n_words",
    "n_errors",
    "n_characters",
    "n_character_errors",
    "size_bytes",
    "size_ratio",
    "header_bytes",
    "parameters",
    "nonzero_parameters",
    "latency_p50_ms",
    "latency_p50_low_ms",
    "latency_p50_high_ms",
    "latency_p90_ms",
    "latency_p95_ms",
    "latency_p99_ms",
    "latency_ratio",
    "latency_ratio_low",
    "latency_ratio_high",
    "rtfx",
    "load_ms",
    "first_call_ms",
    "features_ms",
    "network_ms",
    "decode_ms",
    "throughput_rtfx",
    "throughput_batch",
    "peak_memory_bytes",
    "energy_joules",
    "flops",
    "bytes_moved",
    "roofline_share",
    "meta_train_seconds",
    "meta_train_gradients",
    "meta_train_flops",
    "meta_train_peak_memory_bytes",
    "adapt_seconds",
    "adapt_gradients",
    "adapt_flops",
    "adapt_peak_memory_bytes",
    "optimizer_state_bytes",
    "optimizer_step_seconds",
    "curve_area",
    "compress_seconds",
    "compress_gradients",
    "evaluate_seconds",
    "gradients_spent",
    "blank_fraction",
    "deletion_rate",
    "shared_speakers",
    "shared_texts",
)


@dataclass(frozen=True)
class Results:
    """One results folder.

    `records` has one row per cell with every column of the contract and three more: `rate`, `low`
    and `high`, the error rate of the language's own metric (WER or CER, a fraction) with its
    interval; they are absent (NaN) unless the cell's status is `ok`.
    """

    folder: Path
    suite: str
    records: pd.DataFrame
    provenance: dict[str, Any]

    def utterances(self, cells: list[str]) -> pd.DataFrame:
        """The utterances of `cells`; empty when they were not stored."""
        path = self.folder / "utterances.parquet"
        if not path.exists() or not cells:
            return pd.DataFrame()
        return _read_parquet(path, cells)

    def trials(self) -> pd.DataFrame:
        """The trials of tuning; empty when nothing was tuned.

        Raises DataError when their table cannot be read.
        """
        path = self.folder / TRIALS
        if not path.exists():
            return pd.DataFrame()
        trials = _read_parquet(path)
        if missing := TRIAL_COLUMNS.keys() - set(trials.columns):
            raise DataError(f"{path}: lacks {', '.join(sorted(missing))}; run the suite again")
        return trials


def load(folder: Path) -> Results:
    """Raises DataError when `folder` holds no records or they cannot be read."""
    records_path = folder / "records.parquet"
    if not records_path.exists():
        raise DataError(f"{folder}: no records.parquet here; give a folder such as results/SUITE")
    check_tables(folder)
    return Results(
        folder=folder,
        suite=folder.resolve().name,
        records=_completed(_read_parquet(records_path)),
        provenance=_read_provenance(folder / "provenance.json"),
    )


def _read_parquet(path: Path, cells: list[str] | None = None) -> pd.DataFrame:
    try:
        chosen = None if cells is None else [("cell", "in", cells)]
        if pq.read_metadata(path).num_rows == 0:  # without rows the columns have no types
            return pd.DataFrame()
        frame: pd.DataFrame = pq.read_table(path, filters=chosen).to_pandas()
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{path}: not a readable Parquet file ({reason})") from error
    return frame


def _read_provenance(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        provenance = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{path}: not valid JSON ({error})") from error
    return provenance if isinstance(provenance, dict) else {}


def _completed(records: pd.DataFrame) -> pd.DataFrame:
    columns: dict[str, pd.Series[Any]] = {}
    for name in _TEXTS:
        values = records.get(name, pd.Series("", index=records.index))
        columns[name] = values.map(_as_text).astype(object)
    for name in _NUMBERS:
        values = records.get(name, pd.Series(np.nan, index=records.index))
        columns[name] = pd.to_numeric(values, errors="coerce").astype(float)
    for name in ("synthetic", "tuned"):
        flags = records.get(name, pd.Series(False, index=records.index))
        columns[name] = flags.astype("boolean").fillna(False).astype(bool)
    valid = records.get("timing_valid", pd.Series(pd.NA, index=records.index))
    columns["timing_valid"] = valid.astype("boolean")  # unknown where nothing was timed
    completed = pd.DataFrame(columns, index=records.index)
    ok = completed["status"] == "ok"
    is_cer = completed["metric"] == "cer"
    for target, suffix in (("rate", ""), ("low", "_low"), ("high", "_high")):
        chosen = completed["cer" + suffix].where(is_cer, completed["wer" + suffix])
        completed[target] = chosen.where(ok)
    return completed


def _as_text(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
