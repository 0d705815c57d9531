"""Writes a results folder: records, utterances, trials and provenance, each file atomically."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.errors import DataError
from benchmark.finite import finite
from benchmark.results.column import Columns, dtypes
from benchmark.results.columns import RECORD
from benchmark.results.files import PROVENANCE, RECORDS, TABLES, TRIALS, UTTERANCES
from benchmark.results.read import open_table
from benchmark.results.stamps import damaged_tables, stored_provenance
from benchmark.results.trial_columns import TRIAL
from benchmark.store.drafts import replace_file
from benchmark.store.integrity import sealed, stamp


def write_records(folder: Path, rows: list[dict[str, Any]]) -> None:
    """Write records.parquet with all columns; `rows` keep their order."""
    table = _table(rows, RECORD)
    replace_file(folder / RECORDS, lambda path: table.to_parquet(path, index=False))


def write_utterances(folder: Path, scored: Mapping[str, Path]) -> None:
    """Write utterances.parquet from the tables of `score` stages, given by cell."""
    parts = []
    for cell, path in scored.items():
        part = pd.read_parquet(path)
        part.insert(0, "cell", cell)
        parts.append(part)
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"cell": []})
    replace_file(folder / UTTERANCES, lambda path: table.to_parquet(path, index=False))


def write_trials(folder: Path, rows: list[dict[str, Any]]) -> bool:
    """Write trials.parquet, or remove it if there are no trials. Returns whether it changed."""
    path = folder / TRIALS
    if not rows:
        existed = path.exists()
        path.unlink(missing_ok=True)
        return existed
    table = _table(rows, TRIAL)
    if TRIALS not in damaged_tables(folder) and _holds(path, TRIAL, table):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(path, lambda draft: table.to_parquet(draft, index=False))
    return True


def write_provenance(folder: Path, provenance: dict[str, Any]) -> None:
    """Write provenance.json with stamps of the existing tables; NaN and infinity become null."""
    tables = {name: stamp(folder / name) for name in TABLES if (folder / name).exists()}
    text = sealed({**finite(provenance), "tables": tables})
    replace_file(folder / PROVENANCE, lambda path: path.write_text(text, encoding="utf-8"))


def is_up_to_date(folder: Path, rows: list[dict[str, Any]], suite_text: str) -> bool:
    """Whether a results folder is undamaged and holds exactly these records of this suite file."""
    try:
        provenance, is_sealed = stored_provenance(folder)
    except (OSError, ValueError):
        return False
    if not is_sealed or damaged_tables(folder) or provenance.get("suite_text") != suite_text:
        return False
    existing = {name for name in TABLES if (folder / name).exists()}
    complete = {RECORDS, UTTERANCES} <= existing == provenance.get("tables", {}).keys()
    return complete and _holds(folder / RECORDS, RECORD, _table(rows, RECORD))


def recorded_cells(folder: Path) -> set[str]:
    """The ids of the cells in records.parquet; empty if it cannot be read."""
    try:
        return set(open_table(folder / RECORDS, ["cell"], ["cell"])["cell"].to_pylist())
    except (DataError, KeyError):
        return set()


def _table(rows: list[dict[str, Any]], columns: Columns) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns)).astype(dtypes(columns))


def _holds(path: Path, columns: Columns, table: pd.DataFrame) -> bool:
    """Whether a file holds exactly this table. False if it is damaged or from another version."""
    try:
        # Without the conversions of the reader, so unknown columns and unprintable texts count.
        stored = open_table(path).to_pandas().astype(dtypes(columns))
    except (DataError, ValueError, KeyError):
        return False
    return bool(stored.equals(table))
