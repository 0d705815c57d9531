"""Which optimizer for how much data, how large a model and how much compute, as measured."""

from __future__ import annotations

from dataclasses import replace

from benchmark.report.findings import Finding
from benchmark.report.tables import Board, Row, best_per, pareto_front
from benchmark.report.verdicts import Verdict, Verdicts
from benchmark.statistics.estimate import is_known
from benchmark.text.words import listed, number, percent, rate, size

MOST = 6


def guide(verdicts: Verdicts) -> list[Finding]:
    """A sentence per size of data and model, at most MOST; none where there was no choice.

    Only usable combinations are advised. The comparisons of each sentence are one family for
    Holm's correction. Seconds are not quoted: stages share the machine, so they show no difference.
    """
    board = verdicts.board
    if all(len(board.values[axis]) < 2 for axis in ("optimizer", "shots", "compression")):
        return []
    sentences = []
    for shots in board.values["shots"]:
        for model in board.values["model"]:
            rows = [r for r in board.contenders if r.axes["shots"] == shots and r.complete]
            rows = [row for row in rows if row.axes["model"] == model]
            if rows:
                part = replace(board, rows=tuple(rows))
                sentences.append(_sentence(verdicts, part, shots, model))
    return sentences[:MOST]


def _sentence(verdicts: Verdicts, part: Board, shots: str, model: str) -> Finding:
    best = part.rows[0]
    assert best.error is not None
    weights = best.cost.parameters
    title = f"{shots}{' utterances' if shots.isdigit() else ''}, {model}"
    title += f" ({number(weights)} parameters)" if is_known(weights) else ""
    text = f"{part.label(best)}: {part.error_name} {rate(best.error)}."
    text += _optimizers(verdicts, part, best) + _sizes(verdicts, part, best)
    return Finding("result", title, text)


def _optimizers(verdicts: Verdicts, part: Board, best: Row) -> str:
    rows = best_per("optimizer", part)[1:]
    if not rows:
        return ""
    judged = list(zip(rows, verdicts.family(best, rows), strict=True))
    parts = [f"{best.axes['optimizer']} has the lowest error"]
    if tied := [_named(row, verdict) for row, verdict in judged if not verdict.apart]:
        parts.append(f"cannot be told apart from {listed(tied)}")
    if worse := [_named(row, verdict) for row, verdict in judged if verdict.apart]:
        parts.append(f"is better than {listed(worse)}")
    return f" Each optimizer at its best: {listed(parts)}."


def _named(row: Row, verdict: Verdict) -> str:
    return row.axes["optimizer"] + (f" ({verdict.difference})" if verdict.difference else "")


def _sizes(verdicts: Verdicts, part: Board, best: Row) -> str:
    """What smaller files of the same model lose, those that nothing smaller equals."""
    rows = [r for r in part.near(best, "compression") if is_known(r.cost.size_bytes)]
    points = [(r.cost.size_bytes, r.error.rate) for r in rows if r.error]
    rows = [rows[index] for index in pareto_front(points) if rows[index] is not best]
    parts = []
    for row, verdict in zip(rows, verdicts.family(best, rows), strict=True):
        loss = verdict.difference or (percent(row.error.rate) + " %" if row.error else "")
        same = "" if verdict.apart else ", cannot be told apart"
        parts.append(f"{row.axes['compression']}, {size(row.cost.size_bytes)} ({loss}{same})")
    return f" The same model in smaller files: {listed(parts)}." if parts else ""
