"""Builds everything that is published from results folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmark.board.board import Board
from benchmark.board.build import build_board
from benchmark.board.ranking import Ranking, rank
from benchmark.evidence.side import Side, side_of
from benchmark.publish.merge import Merged, merge
from benchmark.publish.rows import make_rows, write_rows
from benchmark.publish.site import write_site
from benchmark.publish.utterances import CellHypotheses, read_hypotheses


@dataclass(frozen=True)
class Publication:
    """The merged results, their ranking and the published rows.

    hypotheses  by cell; cells without a result are not there
    """

    merged: Merged
    ranking: Ranking
    rows: pd.DataFrame
    hypotheses: dict[str, CellHypotheses]

    @property
    def board(self) -> Board:
        """The ranked combinations."""
        return self.ranking.board

    def write(self, folder: Path) -> None:
        """Write rows and site into an empty folder."""
        write_rows(folder, self.merged, self.rows)
        write_site(folder, self.merged, self.ranking, self.rows, self.hypotheses)


def build_publication(results: Sequence[Path]) -> Publication:
    """Read, merge and rank results folders.

    Raises DataError, see `merge` and `utterances.read_hypotheses`.
    """
    merged = merge(results)
    machines = list(dict.fromkeys(merged.machines))
    of_folder = [machines.index(machine) for machine in merged.machines]
    numbers = [of_folder[source] for source in merged.records["source"]]
    board = build_board(merged.records, numbers)
    ranking = rank(board, lambda: _side(merged), by_language=True)
    hypotheses: dict[str, CellHypotheses] = {}
    for index, folder in enumerate(merged.folders):
        own = merged.records[
            (merged.records["source"] == index) & (merged.records["status"] == "ok")
        ]
        hypotheses |= read_hypotheses(folder.run, own)
    rows = make_rows(merged, ranking, hypotheses)
    return Publication(merged, ranking, rows, hypotheses)


def _side(merged: Merged) -> Side:
    """The merged cells as one side of a comparison. Each cell is read from its own folder."""
    records: list[pd.DataFrame] = []
    counts: dict[str, pd.DataFrame] = {}
    for index, folder in enumerate(merged.folders):
        side = side_of(folder.run)
        kept = set(merged.records.loc[merged.records["source"] == index, "cell"])
        records.append(side.records[side.records["cell"].isin(kept)])
        counts |= {cell: table for cell, table in side.counts.items() if cell in kept}
    return Side(merged.name, pd.concat(records, ignore_index=True), counts, None)
