"""Error by amount of adaptation speech, as a table: utterances and durations apart."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.board.board import Board
from benchmark.report.learning import by_unit
from benchmark.statistics.estimate import Estimate


@dataclass(frozen=True)
class ShotsTable:
    """The error rates of each method, one per entry of `shots`, None where there is none."""

    shots: tuple[str, ...]
    rows: dict[str, list[Estimate | None]]


def shots_table(board: Board) -> list[ShotsTable]:
    """A table for each unit with several amounts, at the other settings of the best combination."""
    best = board.lead
    if best is None:
        return []
    rates = {
        (row.axes["method"], row.axes["shots"]): row.error
        for row in board.near(best, "method", "shots")
    }
    return [
        ShotsTable(
            tuple(shots),
            {m: [rates.get((m, size)) for size in shots] for m in board.values["method"]},
        )
        for shots in by_unit(board.values["shots"])
        if len(shots) > 1
    ]
