"""Baselines small enough to commit: one Parquet file with a row per cell, without audio or text.

The counts of a cell's utterances are stored as lists in its row, so one file holds both tables.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmark.errors import DataError
from benchmark.results.column import label
from benchmark.results.columns import RECORD
from benchmark.results.files import BASELINE
from benchmark.results.read import check_records, frame_of, open_table
from benchmark.results.utterance_columns import COUNTS, UTTERANCE
from benchmark.results.values import Place
from benchmark.store.drafts import replace_file

if TYPE_CHECKING:
    from benchmark.evidence.side import Side

PACKED = ("uid", "speaker", *COUNTS)
"""Columns that hold lists with one entry per utterance."""

COLUMNS = {**RECORD, "corpus": label("corpus")}


def save_baseline(side: Side, path: Path) -> Path:
    """Write `side` to a file, or to baseline.parquet in the folder `path`. Returns the file."""
    target = path if path.suffix == ".parquet" else path / BASELINE
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = side.records.reset_index(drop=True)
    for name in PACKED:
        lists = [
            side.counts[cell][name].tolist() if cell in side.counts else None
            for cell in rows["cell"]
        ]
        rows[name] = pd.Series(lists, dtype=object)
    table = pa.Table.from_pandas(rows, preserve_index=False)
    replace_file(target, lambda draft: pq.write_table(table, draft, compression="zstd"))
    return target


def read_baseline(path: Path) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Read records and the counts of each cell that has any. Raises DataError."""
    table = open_table(path, [*COLUMNS, *PACKED], ("cell", "status", "corpus", *PACKED))
    if not table.num_rows:
        raise DataError(f"{path}: no cells")
    records = frame_of(table.drop_columns(list(PACKED)), COLUMNS, path)
    check_records(records, path)
    return records, _counts(table, [str(cell) for cell in records["cell"]], path)


def _counts(table: pa.Table, cells: list[str], path: Path) -> dict[str, pd.DataFrame]:
    lists = {name: _lists(table[name], Place(path, name)) for name in PACKED}
    lengths = {name: pc.list_value_length(column).to_pylist() for name, column in lists.items()}
    first = lengths[PACKED[0]]
    for name, own in lengths.items():
        if own != first:
            row = next(i for i, (a, b) in enumerate(zip(own, first, strict=True)) if a != b)
            raise Place(path, name).refuse(row, f"its list differs in length from {PACKED[0]}")
    flat = pa.table({name: pc.list_flatten(column) for name, column in lists.items()})
    frame = frame_of(flat, UTTERANCE, path, None).astype(dict.fromkeys(COUNTS, "int64"))
    counts, end = {}, 0
    for cell, length in zip(cells, first, strict=True):
        if length is not None:
            counts[cell] = frame.iloc[end : end + length].reset_index(drop=True)
            end += length
    return counts


def _lists(column: pa.ChunkedArray, place: Place) -> pa.ChunkedArray:
    if pa.types.is_null(column.type):
        return column.cast(pa.list_(pa.null()))
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        raise place.refuse(None, "it does not hold lists")
    return column
