"""Which optimizer for how much data, how large a model and how much compute, as measured."""

from __future__ import annotations

from dataclasses import replace

from benchmark.board.board import Board
from benchmark.board.combination import Combination
from benchmark.board.difference import Difference
from benchmark.board.front import front
from benchmark.board.ranking import Ranking
from benchmark.report.sentences.finding import Finding
from benchmark.statistics.estimate import is_known
from benchmark.text.words import listed, number, percent, rate, size

MOST = 6


def guide(ranking: Ranking) -> list[Finding]:
    """A sentence per size of data and model, at most MOST; none where there was no choice.

    Only contenders are advised. The comparisons of each sentence are one family for Holm's
    correction. Seconds are not quoted: stages share the machine, so they show no difference.
    """
    board = ranking.board
    if all(len(board.values[axis]) < 2 for axis in ("optimizer", "shots", "compression")):
        return []
    sentences = []
    for shots in board.values["shots"]:
        for model in board.values["model"]:
            rows = [r for r in board.contenders if r.axes["shots"] == shots and r.complete]
            rows = [row for row in rows if row.axes["model"] == model]
            if rows:
                part = replace(board, combinations=tuple(rows))
                sentences.append(_sentence(ranking, part, shots, model))
    return sentences[:MOST]


def _sentence(ranking: Ranking, part: Board, shots: str, model: str) -> Finding:
    best = part.combinations[0]
    assert best.error is not None
    weights = best.cost.parameters
    title = f"{shots}{' utterances' if shots.isdigit() else ''}, {model}"
    title += f" ({number(weights)} parameters)" if is_known(weights) else ""
    text = f"{part.label(best)}: {part.error_name} {rate(best.error)}."
    text += _optimizers(ranking, part, best) + _sizes(ranking, part, best)
    return Finding("result", title, text)


def _optimizers(ranking: Ranking, part: Board, best: Combination) -> str:
    rows = part.best_per("optimizer")[1:]
    if not rows:
        return ""
    judged = list(zip(rows, ranking.family(best, rows), strict=True))
    parts = [f"{best.axes['optimizer']} has the lowest error rate"]
    if tied := [_named(row, d) for row, d in judged if not d.significant]:
        parts.append(f"is statistically tied with {listed(tied)}")
    if worse := [_named(row, d) for row, d in judged if d.significant]:
        parts.append(f"is significantly better than {listed(worse)}")
    return f" Each optimizer at its best: {listed(parts)}."


def _named(row: Combination, difference: Difference) -> str:
    return row.axes["optimizer"] + (f" ({difference.sentence})" if difference.comparison else "")


def _sizes(ranking: Ranking, part: Board, best: Combination) -> str:
    """What smaller files of the same model lose: those on the front of size and error rate."""
    rows = front(part.near(best, "compression"), lambda row: row.cost.size_bytes)
    rows = [row for row in rows if row is not best]
    parts = []
    for row, difference in zip(rows, ranking.family(best, rows), strict=True):
        loss = difference.sentence or (percent(row.error.rate) + " %" if row.error else "")
        tied = "" if difference.significant else ", statistically tied"
        parts.append(f"{row.axes['compression']}, {size(row.cost.size_bytes)} ({loss}{tied})")
    return f" The same model in smaller files: {listed(parts)}." if parts else ""
