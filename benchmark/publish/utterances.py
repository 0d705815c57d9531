"""Hypotheses of cells for publication: the worst utterances of each, and a digest of all.

Utterances are read in batches, since a board of 100,000 cells has millions of them.
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
INCOMPLETE = "the folder is incomplete. Run the suite again; it keeps finished stages."
COLUMNS = ["cell", "uid", "reference", "hypothesis", "n_words", "n_errors"]
CHARACTER_COLUMNS = ["n_characters", "n_character_errors"]


@dataclass(frozen=True)
class CellHypotheses:
    """The digest of a cell's hypotheses, and its worst utterances, the worst first.

    digest  of all hypotheses of the cell
    worst   (uid, errors, length, reference, hypothesis) each; errors and length count characters
            if the cell is scored by CER, words otherwise
    unique  whether no utterance occurs twice
    """

    digest: str
    worst: tuple[tuple[str, int, int, str, str], ...]
    unique: bool


def read_hypotheses(run: StoredRun, scored: pd.DataFrame) -> dict[str, CellHypotheses]:
    """The hypotheses of each cell in the records `scored`, by cell.

    Raises DataError if the file cannot be read, lacks a cell or some of its utterances, or does not
    hold the utterances of a cell in adjacent rows.
    """
    path = run.folder / UTTERANCES
    columns = (scored[name].tolist() for name in ("cell", "metric", "n_utterances"))
    expected = {cell: (metric, number) for cell, metric, number in zip(*columns, strict=True)}
    hypotheses: dict[str, CellHypotheses] = {}
    for cell, rows in _by_cell(run):
        if cell in hypotheses:
            raise DataError(f"{path}: the utterances of cell {cell} are not in adjacent rows")
        if cell in expected:
            metric, number = expected[cell]
            # Records of earlier versions may lack the number of utterances (NaN).
            if number == number and number != len(rows):
                counts = f"cell {cell} has {len(rows)} utterances, and {number:.0f} in {RECORDS}"
                raise DataError(f"{path}: {counts}; {INCOMPLETE}")
            hypotheses[cell] = _summarise(rows, metric)
            if not hypotheses[cell].unique:
                raise DataError(f"{path}: an utterance of cell {cell} occurs twice")
    if missing := [cell for cell in expected if cell not in hypotheses]:
        raise DataError(
            f"{path}: no utterances of {len(missing)} cells, such as {missing[0]}; {INCOMPLETE}"
        )
    return hypotheses


def _by_cell(run: StoredRun) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each cell, in the order of the file."""
    carried = pd.DataFrame()
    for batch in run.utterance_batches(COLUMNS, CHARACTER_COLUMNS):
        if batch.empty:
            continue
        table = pd.concat([carried, batch]) if len(carried) else batch
        # The last cell may continue in the next batch.
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
    """The positions of rows whose cell differs from that of the previous row."""
    cells = table["cell"].to_numpy(object)
    return [0, *((cells[1:] != cells[:-1]).nonzero()[0] + 1).tolist()]


def _summarise(rows: pd.DataFrame, metric: str) -> CellHypotheses:
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
    return CellHypotheses(
        digest=digest(uids, hypotheses),
        worst=tuple(worst[:MAX_WORST]),
        unique=len(set(uids)) == len(uids),
    )


def _texts(values: Iterable[Any]) -> list[str]:
    return ["" if value is pd.NA else value for value in values]
