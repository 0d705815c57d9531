"""What is published of the utterances of cells: the worst of each, and a digest of all.

Utterances are read in batches: a board of 100,000 cells has millions of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.errors import DataError
from benchmark.results.hypotheses import digest

MAX_WORST = 5
BATCH_ROWS = 200_000
COLUMNS = ["cell", "uid", "reference", "hypothesis", "n_words", "n_errors"]
CHARACTER_COLUMNS = ["n_characters", "n_character_errors"]


@dataclass(frozen=True)
class Heard:
    """The digest of a cell's hypotheses, and its worst utterances, the worst first.

    Each of `worst` is (uid, errors, length, reference, hypothesis), counted in characters where
    the cell is scored by CER.
    """

    digest: str
    worst: tuple[tuple[str, int, int, str, str], ...]


def read(path: Path, metrics: dict[str, str]) -> dict[str, Heard]:
    """What each cell of `metrics` (cell -> wer or cer) heard, by cell.

    Raises DataError when the file cannot be read, lacks a cell, or does not hold a cell's
    utterances together.
    """
    found: dict[str, Heard] = {}
    for cell, rows in _by_cell(path):
        if cell in found:
            raise DataError(f"{path}: the utterances of cell {cell} are not together")
        if cell in metrics:
            found[cell] = _heard(rows, metrics[cell])
    if missing := [cell for cell in metrics if cell not in found]:
        raise DataError(
            f"{path}: no utterances of {len(missing)} cells, {missing[0]} among them; the folder"
            " is half written. Run the suite again, which keeps what is finished."
        )
    return found


def _by_cell(path: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of one cell after the other, in the order of the file."""
    carried = pd.DataFrame()
    for batch in _batches(path):
        table = pd.concat([carried, batch]) if len(carried) else batch
        run = (table["cell"] != table["cell"].shift()).cumsum()
        # The last cell may go on in the next batch.
        carried = table[run == run.iloc[-1]]
        yield from _runs(table[run != run.iloc[-1]])
    yield from _runs(carried)


def _runs(table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    if len(table):
        starts = (table["cell"] != table["cell"].shift()).to_numpy().nonzero()[0].tolist()
        for start, end in zip(starts, [*starts[1:], len(table)], strict=True):
            rows = table.iloc[start:end]
            yield str(rows["cell"].iloc[0]), rows


def _batches(path: Path) -> Iterator[pd.DataFrame]:
    try:
        with pq.ParquetFile(path) as file:
            known = set(file.schema_arrow.names)
            columns = COLUMNS + [name for name in CHARACTER_COLUMNS if name in known]
            for batch in file.iter_batches(BATCH_ROWS, columns=columns):
                if batch.num_rows:
                    yield batch.to_pandas()
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{path}: not a readable table of utterances ({reason})") from None


def _heard(rows: pd.DataFrame, metric: str) -> Heard:
    units = ("n_errors", "n_words")
    if metric == "cer" and set(CHARACTER_COLUMNS) <= set(rows.columns):
        units = ("n_character_errors", "n_characters")
    values: dict[str, list[Any]] = {name: rows[name].tolist() for name in rows.columns}
    uids, hypotheses = _texts(values["uid"]), _texts(values["hypothesis"])
    lines = zip(
        uids,
        map(int, values[units[0]]),
        map(int, values[units[1]]),
        _texts(values["reference"]),
        hypotheses,
        strict=True,
    )
    worst = sorted(lines, key=lambda line: (-line[1] / max(1, line[2]), line[0]))
    return Heard(digest(uids, hypotheses), tuple(worst[:MAX_WORST]))


def _texts(values: Iterable[object]) -> list[str]:
    return ["" if value is None else str(value) for value in values]
