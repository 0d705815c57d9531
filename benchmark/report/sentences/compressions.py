"""Findings on compression: what it costs, what it saves, and where it saves nothing."""

from __future__ import annotations

from benchmark.board.board import Board
from benchmark.board.combination import Combination
from benchmark.board.front import front
from benchmark.board.ranking import Ranking
from benchmark.report.sentences.finding import Finding, against
from benchmark.statistics.estimate import is_known
from benchmark.text.labels import UNCOMPRESSED
from benchmark.text.words import listed, percent, rate

SAVES_NOTHING = 0.99
"""A file of at least this share of the uncompressed one is said to save nothing."""

MAX_NAMED = 6
"""The most compressions that a sentence names one by one."""


def cost_of_compression(ranking: Ranking, best: Combination) -> Finding | None:
    """Each compression of the best combination's model against the uncompressed one."""
    rows = [row for row in ranking.board.near(best, "compression") if row.error is not None]
    plain = next((row for row in rows if row.axes["compression"] == UNCOMPRESSED), None)
    if plain is None or plain.error is None:
        return None
    rows = [r for r in rows if r is not plain and r.languages.keys() == plain.languages.keys()]
    judged = list(zip(rows, ranking.family(plain, rows), strict=True))
    if len(judged) > MAX_NAMED and all(is_known(row.cost.size_ratio) for row in rows):
        # A paragraph of thirty says nothing; the tables have them all.
        kept = front(rows, lambda row: row.cost.size_ratio)
        judged = [pair for pair in judged if pair[0] in kept]
    parts = []
    for row, difference in judged:
        share = row.cost.size_ratio
        name = row.axes["compression"]
        name += f" at {percent(share)} % of the size" if is_known(share) else ""
        tied = "" if difference.significant else ", statistically tied"
        parts.append(against(name, row, plain, difference) + tied)
    if not parts:
        return None
    text = f"Uncompressed {rate(plain.error)}; " + "; ".join(parts) + "."
    if others := len(rows) - len(parts):
        text += f" Each of the other {others} is no smaller and no more accurate than one of these."
    return Finding("result", "What compression costs", text)


def no_bytes_saved(board: Board, best: Combination) -> Finding | None:
    """Compressions whose file is as large as the uncompressed one."""
    names = [
        row.axes["compression"]
        for row in board.near(best, "compression")
        if row.axes["compression"] != UNCOMPRESSED and row.cost.size_ratio >= SAVES_NOTHING
    ]
    if not names:
        return None
    verb = "saves" if len(names) == 1 else "save"
    return Finding("warning", "No bytes saved", f"{listed(names)} {verb} no bytes in the file.")
