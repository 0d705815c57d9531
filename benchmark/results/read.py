"""The reader of results. It validates tables and provenance before any other code uses them.

Results of earlier versions are valid, too; they have fewer columns. Unknown columns are ignored.
Anything that a run cannot have written raises a DataError that names file, column and row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from benchmark.errors import DataError, shown
from benchmark.results.column import Columns
from benchmark.results.columns import RECORD
from benchmark.results.documents import PROVENANCE as SHAPE
from benchmark.results.documents import loads, read_json, valid
from benchmark.results.files import PROVENANCE, RECORDS, TRIALS, UTTERANCES
from benchmark.results.stamps import check_tables
from benchmark.results.trial_columns import TRIAL
from benchmark.results.utterance_columns import UTTERANCE
from benchmark.results.values import Place, check_values, reason
from benchmark.scoring.metrics.base import BASIC, METRICS
from benchmark.suite.tuning import STUDY_AXES

BATCH_ROWS = 200_000

_PANDAS = {
    pa.string(): pd.StringDtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}


@dataclass(frozen=True)
class StoredRun:
    """A results folder with valid records and provenance.

    records     one row per cell, with the columns of `columns.RECORD` that the file has; values
                that were not measured are absent. No cell occurs twice, and every cell with status
                `ok` has an error rate by its metric.
    provenance  see `documents.Provenance`; empty if there is none
    """

    folder: Path
    records: pd.DataFrame
    provenance: dict[str, Any]

    @property
    def has_utterances(self) -> bool:
        return (self.folder / UTTERANCES).is_file()

    def require(self, names: Iterable[str]) -> None:
        """Raise DataError if the records lack one of these columns."""
        _require(names, self.records.columns, self.folder / RECORDS)

    def utterances(
        self, names: Sequence[str] | None = None, cells: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Columns of the utterances of `cells`; None means all columns or all cells.

        Raises DataError if they cannot be read or lack one of `names`.
        """
        return read_table(self.folder / UTTERANCES, UTTERANCE, names, cells)

    def utterance_batches(
        self, names: Sequence[str], optional: Sequence[str] = ()
    ) -> Iterator[pd.DataFrame]:
        """All utterances in the order of the file, in batches of at most BATCH_ROWS."""
        return _batches(self.folder / UTTERANCES, UTTERANCE, names, optional)

    @cached_property
    def trials(self) -> pd.DataFrame:
        """The tuning trials; empty if nothing was tuned. Raises DataError."""
        path = self.folder / TRIALS
        if not path.exists():
            return pd.DataFrame()
        trials = read_table(path, TRIAL, list(TRIAL))
        _check_documents(trials, TRIAL, path)
        return trials.fillna(dict.fromkeys(STUDY_AXES, ""))


def read_run(folder: Path) -> StoredRun:
    """Read a results folder.

    Raises DataError if it has no records, or if its files are not what a run writes.
    """
    path = folder / RECORDS
    if not path.is_file():
        raise DataError(f"{folder}: no {RECORDS} here; give a folder such as results/SUITE")
    records = read_table(path, RECORD, ("cell", "status"))
    check_records(records, path)
    provenance = read_provenance(folder / PROVENANCE)
    # Last, since an error about a value is more specific than "the file was changed".
    check_tables(folder)
    return StoredRun(folder, records, provenance)


def read_table(
    path: Path,
    columns: Columns,
    names: Sequence[str] | None = None,
    cells: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Read the known columns of a table, with their types, and only the rows of `cells` if given.

    None of the columns `names` may be missing, unless the table has no rows. Raises DataError.
    """
    table = open_table(path, [*columns], names or (), cells)
    return frame_of(table, columns, path, 1 if cells is None else None)


def open_table(
    path: Path,
    names: Sequence[str] | None = None,
    needed: Sequence[str] = (),
    cells: Sequence[str] | None = None,
) -> pa.Table:
    """Read those of the columns `names` (default: all) that a file has, without conversion.

    Raises DataError if one of the columns `needed` is missing; see `read_table`.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    try:
        metadata = pq.read_metadata(path)
        stored = metadata.schema.to_arrow_schema().names
        _check_unique(stored, path)
        chosen = [name for name in stored if names is None or name in names]
        table = pq.read_table(
            path,
            columns=chosen,
            # Columns of a table without rows have no type, so a filter would fail.
            filters=[("cell", "in", list(cells))]
            if cells is not None and chosen and metadata.num_rows
            else None,
            page_checksum_verification=True,
            partitioning=None,
        )
    except (OSError, ValueError, MemoryError, pa.ArrowException) as error:
        raise unreadable(path, error) from None
    if table.num_rows:
        _require(needed, stored, path)
    return table


def _batches(
    path: Path, columns: Columns, names: Sequence[str], optional: Sequence[str]
) -> Iterator[pd.DataFrame]:
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            stored = file.schema_arrow.names
            _check_unique(stored, path)
            if file.metadata.num_rows:
                _require(names, stored, path)
            chosen = [name for name in (*names, *optional) if name in stored]
            first = 1
            for batch in file.iter_batches(BATCH_ROWS, columns=chosen):
                yield frame_of(pa.Table.from_batches([batch]), columns, path, first)
                first += batch.num_rows
    except (OSError, ValueError, MemoryError, pa.ArrowException) as error:
        raise unreadable(path, error) from None


def frame_of(table: pa.Table, columns: Columns, path: Path, first: int | None = 1) -> pd.DataFrame:
    """Check the values of a table and convert it. Error messages count its rows from `first`."""
    names = table.column_names
    if not names:
        return pd.DataFrame(index=range(table.num_rows))
    arrays = {
        name: check_values(table[name], columns[name], Place(path, name, first)) for name in names
    }
    frame: pd.DataFrame = pa.table(arrays).to_pandas(types_mapper=_PANDAS.get, ignore_metadata=True)
    return frame


def unreadable(path: Path, error: BaseException) -> DataError:
    """The error for a Parquet file that pyarrow cannot read."""
    return DataError(f"{path}: not a readable Parquet file ({reason(str(error))})")


def _require(names: Iterable[str], stored: Iterable[str], path: Path) -> None:
    columns = set(stored)
    if missing := [name for name in names if name not in columns]:
        shown_names = ", ".join(missing[:4])
        raise DataError(
            f"{path}: no column {shown_names}; another version of the benchmark wrote it.\n"
            "Run the suite again; it keeps stages that are still valid."
        )


def _check_unique(names: Sequence[str], path: Path) -> None:
    if len(set(names)) < len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        raise DataError(f"{path}: column {shown(repeated)} occurs twice")


def check_records(records: pd.DataFrame, path: Path) -> None:
    """Check that the columns of records are consistent. Raises DataError if not."""
    if records.empty:
        return

    def refuse(mask: Any, column: str, what: str) -> None:
        rows = np.flatnonzero(np.asarray(mask.fillna(False), dtype=bool))
        if len(rows):
            cell = shown(records["cell"].iloc[rows[0]])
            raise Place(path, column).refuse(int(rows[0]), f"{what} (cell {cell})")

    refuse(records["cell"].duplicated(), "cell", "the cell occurs twice")
    ok = records["status"] == "ok"
    for metric in METRICS.members:
        low, high = (records.get(f"{metric}{end}") for end in ("_low", "_high"))
        if low is not None and high is not None:
            refuse(low > high, f"{metric}_low", "the interval ends before it begins")
    if "metric" in records:
        for metric in BASIC:
            scored = ok & (records["metric"] == metric)
            missing = scored & records[metric].isna() if metric in records else scored
            refuse(missing, metric, "a cell with status ok lacks its error rate")
    if "language" in records:
        refuse(ok & (records["language"].fillna("") == ""), "language", "it is empty")
    _check_documents(records, RECORD, path)


def _check_documents(table: pd.DataFrame, columns: Columns, path: Path) -> None:
    """Check the columns of JSON against their schemas. Raises DataError."""
    for name, column in columns.items():
        if column.json and name in table:
            check_json(table[name], column.json, Place(path, name))


def check_json(texts: pd.Series[Any], adapter: TypeAdapter[Any], place: Place) -> None:
    """Check JSON texts against a schema; absent and empty texts are skipped. Raises DataError."""
    for text in texts.dropna().unique():
        try:
            if text:
                valid(adapter, loads(text))
        except ValueError as error:
            row = int(np.flatnonzero((texts == text).fillna(False))[0])
            raise place.refuse(row, f"not valid ({str(error)[:160]})") from None


def read_provenance(path: Path) -> dict[str, Any]:
    """Read the provenance of a run; empty if the file is absent. Raises DataError."""
    if not path.exists():
        return {}
    try:
        provenance: dict[str, Any] = valid(SHAPE, read_json(path))
    except ValueError as error:
        raise DataError(f"{path}: not a provenance file ({error})") from None
    except DataError as error:
        raise DataError(f"{error}; it is not a provenance file") from None
    return provenance
