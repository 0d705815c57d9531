"""The one reader of results: tables and provenance, validated once, before anything uses them.

Whatever a run can have written is read, of earlier versions too, which have fewer columns; columns
that are not known are ignored. All else is a DataError of one line that names file, column and row.
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
from benchmark.results.values import Place, checked, reason
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
    """A results folder whose records and provenance were read and found valid.

    records     one row per cell with those columns of `columns.RECORD` that the file has, in their
                types; what was not measured is absent. No cell is there twice, and one with status
                `ok` has the rate of its metric.
    provenance  see `documents.Provenance`; empty where there is none
    """

    folder: Path
    records: pd.DataFrame
    provenance: dict[str, Any]

    @property
    def has_utterances(self) -> bool:
        return (self.folder / UTTERANCES).is_file()

    def require(self, names: Iterable[str]) -> None:
        """Raises DataError where the records lack one of these columns."""
        _require(names, self.records.columns, self.folder / RECORDS)

    def utterances(
        self, names: Sequence[str] | None = None, cells: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Columns of the utterances of `cells`; all where None.

        Raises DataError where they cannot be read or lack one of `names`.
        """
        return read_table(self.folder / UTTERANCES, UTTERANCE, names, cells)

    def utterance_batches(
        self, names: Sequence[str], optional: Sequence[str] = ()
    ) -> Iterator[pd.DataFrame]:
        """All utterances in the order of the file, BATCH_ROWS at most at a time."""
        return _batches(self.folder / UTTERANCES, UTTERANCE, names, optional)

    @cached_property
    def trials(self) -> pd.DataFrame:
        """The trials of tuning; empty when nothing was tuned. Raises DataError."""
        path = self.folder / TRIALS
        if not path.exists():
            return pd.DataFrame()
        trials = read_table(path, TRIAL, list(TRIAL))
        _check_documents(trials, TRIAL, path)
        return trials.fillna(dict.fromkeys(STUDY_AXES, ""))


def read_run(folder: Path) -> StoredRun:
    """Read a results folder.

    Raises DataError when it holds no records, or what it holds is not what a run writes.
    """
    path = folder / RECORDS
    if not path.is_file():
        raise DataError(f"{folder}: no {RECORDS} here; give a folder such as results/SUITE")
    records = read_table(path, RECORD, ("cell", "status"))
    check_records(records, path)
    provenance = read_provenance(folder / PROVENANCE)
    # Last, since what is said of a value says more than that a file has changed.
    check_tables(folder)
    return StoredRun(folder, records, provenance)


def read_table(
    path: Path,
    columns: Columns,
    names: Sequence[str] | None = None,
    cells: Sequence[str] | None = None,
) -> pd.DataFrame:
    """The known columns of a table, in their types; of `names` none may be missing.

    With `cells` the rows of those alone. A table without rows may lack any column. Raises
    DataError.
    """
    table = open_table(path, [*columns], names or (), cells)
    return frame_of(table, columns, path, 1 if cells is None else None)


def open_table(
    path: Path,
    names: Sequence[str] | None = None,
    needed: Sequence[str] = (),
    cells: Sequence[str] | None = None,
) -> pa.Table:
    """Those of the columns `names` (default: all) that a file has, as they were stored; see
    `read_table`."""
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    try:
        metadata = pq.read_metadata(path)
        there = metadata.schema.to_arrow_schema().names
        _once(there, path)
        known = [name for name in there if names is None or name in names]
        table = pq.read_table(
            path,
            columns=known,
            # Without rows columns have no types, so that none can be compared.
            filters=[("cell", "in", list(cells))]
            if cells is not None and known and metadata.num_rows
            else None,
            page_checksum_verification=True,
            partitioning=None,
        )
    except (OSError, ValueError, MemoryError, pa.ArrowException) as error:
        raise unreadable(path, error) from None
    if table.num_rows:
        _require(needed, there, path)
    return table


def _batches(
    path: Path, columns: Columns, names: Sequence[str], optional: Sequence[str]
) -> Iterator[pd.DataFrame]:
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            there = file.schema_arrow.names
            _once(there, path)
            if file.metadata.num_rows:
                _require(names, there, path)
            known = [name for name in (*names, *optional) if name in there]
            first = 1
            for batch in file.iter_batches(BATCH_ROWS, columns=known):
                yield frame_of(pa.Table.from_batches([batch]), columns, path, first)
                first += batch.num_rows
    except (OSError, ValueError, MemoryError, pa.ArrowException) as error:
        raise unreadable(path, error) from None


def frame_of(table: pa.Table, columns: Columns, path: Path, first: int | None = 1) -> pd.DataFrame:
    """A table whose values were checked; messages count its rows from `first`."""
    names = table.column_names
    if not names:
        return pd.DataFrame(index=range(table.num_rows))
    arrays = {name: checked(table[name], columns[name], Place(path, name, first)) for name in names}
    frame: pd.DataFrame = pa.table(arrays).to_pandas(types_mapper=_PANDAS.get, ignore_metadata=True)
    return frame


def unreadable(path: Path, error: BaseException) -> DataError:
    """The error for a Parquet file that pyarrow cannot read."""
    return DataError(f"{path}: not a readable Parquet file ({reason(str(error))})")


def _require(names: Iterable[str], there: Iterable[str], path: Path) -> None:
    known = set(there)
    if missing := [name for name in names if name not in known]:
        listed = ", ".join(missing[:4])
        raise DataError(
            f"{path}: no column {listed}; another version of the benchmark wrote it.\n"
            "Run the suite again: stages that are still valid are kept."
        )


def _once(names: Sequence[str], path: Path) -> None:
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(f"{path}: column {shown(twice)} is there twice")


def check_records(records: pd.DataFrame, path: Path) -> None:
    """What the columns of records say of one another. Raises DataError."""
    if records.empty:
        return

    def refuse(mask: Any, column: str, what: str) -> None:
        rows = np.flatnonzero(np.asarray(mask.fillna(False), dtype=bool))
        if len(rows):
            cell = shown(records["cell"].iloc[rows[0]])
            raise Place(path, column).refuse(int(rows[0]), f"{what} (cell {cell})")

    refuse(records["cell"].duplicated(), "cell", "the cell is there twice")
    ok = records["status"] == "ok"
    for metric in METRICS.members:
        low, high = (records.get(f"{metric}{end}") for end in ("_low", "_high"))
        if low is not None and high is not None:
            refuse(low > high, f"{metric}_low", "the interval ends before it begins")
    if "metric" in records:
        for metric in BASIC:
            judged = ok & (records["metric"] == metric)
            lost = judged & records[metric].isna() if metric in records else judged
            refuse(lost, metric, "a cell with status ok lacks its error rate")
    if "language" in records:
        refuse(ok & (records["language"].fillna("") == ""), "language", "it is empty")
    _check_documents(records, RECORD, path)


def _check_documents(table: pd.DataFrame, columns: Columns, path: Path) -> None:
    """Whether columns of JSON have the shape that they should. Raises DataError."""
    for name, column in columns.items():
        if column.json and name in table:
            check_json(table[name], column.json, Place(path, name))


def check_json(texts: pd.Series[Any], adapter: TypeAdapter[Any], place: Place) -> None:
    """Whether texts are JSON of a shape; absent and empty ones are left out. Raises DataError."""
    for text in texts.dropna().unique():
        try:
            if text:
                valid(adapter, loads(text))
        except ValueError as error:
            row = int(np.flatnonzero((texts == text).fillna(False))[0])
            raise place.refuse(row, f"not valid ({str(error)[:160]})") from None


def read_provenance(path: Path) -> dict[str, Any]:
    """The provenance of a run; empty where the file is absent. Raises DataError."""
    if not path.exists():
        return {}
    try:
        found: dict[str, Any] = valid(SHAPE, read_json(path))
    except ValueError as error:
        raise DataError(f"{path}: not a provenance file ({error})") from None
    except DataError as error:
        raise DataError(f"{error}; so it is not a provenance file") from None
    return found
