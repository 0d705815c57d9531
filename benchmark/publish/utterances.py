"""What is published of the utterances of cells: the worst of each, and a digest of all.

Utterances are read in batches: a board of 100,000 cells has millions of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from benchmark.errors import DataError
from benchmark.results.files import RECORDS, UTTERANCES
from benchmark.results.hypotheses import digest
from benchmark.results.read import StoredRun

MAX_WORST = 5
HALF = "the folder is half written. Run the suite again, which keeps what is finished."
COLUMNS = ["cell", "uid", "reference", "hypothesis", "n_words", "n_errors"]
CHARACTER_COLUMNS = ["n_characters", "n_character_errors"]


@dataclass(frozen=True)
class Heard:
    """The digest of a cell's hypotheses, and its worst utterances, the worst first.

    Each of `worst` is (uid, errors, length, reference, hypothesis), counted in characters where
    the cell is scored by CER. `unique` is whether no utterance is there twice.
    """

    digest: str
    worst: tuple[tuple[str, int, int, str, str], ...]
    unique: bool


def read(run: StoredRun, scored: pd.DataFrame) -> dict[str, Heard]:
    """What each cell of the records `scored` heard, by cell.

    Raises DataError when the file cannot be read, lacks a cell or some of its utterances, or does
    not hold a cell's utterances together.
    """
    path = run.folder / UTTERANCES
    columns = (scored[name].tolist() for name in ("cell", "metric", "n_utterances"))
    asked = {cell: (metric, number) for cell, metric, number in zip(*columns, strict=True)}
    found: dict[str, Heard] = {}
    for cell, rows in _by_cell(run):
        if cell in found:
            raise DataError(f"{path}: the utterances of cell {cell} are not together")
        if cell in asked:
            metric, number = asked[cell]
            # A record of an earlier version may not say how many there are.
            if number == number and number != len(rows):
                counts = f"cell {cell} has {len(rows)} utterances, and {number:.0f} in {RECORDS}"
                raise DataError(f"{path}: {counts}; {HALF}")
            found[cell] = _heard(rows, metric)
            if not found[cell].unique:
                raise DataError(f"{path}: an utterance of cell {cell} is there twice")
    if missing := [cell for cell in asked if cell not in found]:
        raise DataError(
            f"{path}: no utterances of {len(missing)} cells, {missing[0]} among them; {HALF}"
        )
    return found


def _by_cell(run: StoredRun) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of one cell after the other, in the order of the file."""
    carried = pd.DataFrame()
    for batch in run.utterance_batches(COLUMNS, CHARACTER_COLUMNS):
        if batch.empty:
            continue
        table = pd.concat([carried, batch]) if len(carried) else batch
        # The last cell may go on in the next batch.
        last = _starts(table)[-1]
        carried = table.iloc[last:]
        yield from _runs(table.iloc[:last])
    yield from _runs(carried)


def _runs(table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    if len(table):
        starts = _starts(table)
        for start, end in zip(starts, [*starts[1:], len(table)], strict=True):
            rows = table.iloc[start:end]
            yield str(rows["cell"].iloc[0]), rows


def _starts(table: pd.DataFrame) -> list[int]:
    """The positions of rows whose cell is not that of the row before."""
    cells = table["cell"].to_numpy(object)
    return [0, *((cells[1:] != cells[:-1]).nonzero()[0] + 1).tolist()]


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
    return Heard(digest(uids, hypotheses), tuple(worst[:MAX_WORST]), len(set(uids)) == len(uids))


def _texts(values: Iterable[Any]) -> list[str]:
    return ["" if value is pd.NA else value for value in values]
