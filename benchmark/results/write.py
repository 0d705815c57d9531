"""Writing a results folder: records, utterances, trials and provenance, each by one rename."""

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
    """Write records.parquet: `rows` in their order, with every column."""
    table = _table(rows, RECORD)
    replace_file(folder / RECORDS, lambda path: table.to_parquet(path, index=False))


def write_utterances(folder: Path, scored: Mapping[str, Path]) -> None:
    """Write utterances.parquet from the table that each cell's score left, by cell."""
    parts = []
    for cell, path in scored.items():
        part = pd.read_parquet(path)
        part.insert(0, "cell", cell)
        parts.append(part)
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"cell": []})
    replace_file(folder / UTTERANCES, lambda path: table.to_parquet(path, index=False))


def write_trials(folder: Path, rows: list[dict[str, Any]]) -> bool:
    """Write trials.parquet, or remove it where there are no trials; whether anything changed."""
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
    """Write provenance.json, with the stamps of the tables that are there; what is no number
    is null."""
    tables = {name: stamp(folder / name) for name in TABLES if (folder / name).exists()}
    text = sealed({**finite(provenance), "tables": tables})
    replace_file(folder / PROVENANCE, lambda path: path.write_text(text, encoding="utf-8"))


def up_to_date(folder: Path, rows: list[dict[str, Any]], suite_text: str) -> bool:
    """Whether a results folder holds just these records, of just this suite file."""
    try:
        provenance, is_sealed = stored_provenance(folder)
    except (OSError, ValueError):
        return False
    if not is_sealed or damaged_tables(folder) or provenance.get("suite_text") != suite_text:
        return False
    there = {name for name in TABLES if (folder / name).exists()}
    complete = {RECORDS, UTTERANCES} <= there == provenance.get("tables", {}).keys()
    return complete and _holds(folder / RECORDS, RECORD, _table(rows, RECORD))


def known_cells(folder: Path) -> set[str]:
    """The ids of the cells that records.parquet has rows of, as far as it can be read."""
    try:
        return set(open_table(folder / RECORDS, ["cell"], ["cell"])["cell"].to_pylist())
    except (DataError, KeyError):
        return set()


def _table(rows: list[dict[str, Any]], columns: Columns) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns)).astype(dtypes(columns))


def _holds(path: Path, columns: Columns, table: pd.DataFrame) -> bool:
    """Whether a file has just this table; one that is damaged, or of another version, has not."""
    try:
        # As it was stored: with columns that are not known, and with what is not printable.
        stored = open_table(path).to_pandas().astype(dtypes(columns))
    except (DataError, ValueError, KeyError):
        return False
    return bool(stored.equals(table))
