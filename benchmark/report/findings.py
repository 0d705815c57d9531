"""What the numbers say, in sentences that claim no more than the intervals allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmark.report.estimate import is_known
from benchmark.report.load import Results
from benchmark.report.tables import (
    UNCOMPRESSED,
    Board,
    Row,
    best_per,
    collapsed,
    tied_with_best,
)
from benchmark.report.words import listed, number, percent, rate, size

SAVES_NOTHING = 0.99
"""A file of at least this share of the uncompressed one is said to save nothing."""


@dataclass(frozen=True)
class Finding:
    """One sentence or two; `kind` says how loudly to show it."""

    kind: Literal["result", "warning"]
    title: str
    text: str


def find(results: Results, board: Board) -> list[Finding]:
    """All findings that the results support, most important first; warnings come last."""
    best = board.best
    sentences: list[Finding | None] = []
    if best is None:
        sentences.append(Finding("warning", "No result", "No cell of this suite has a result."))
    else:
        sentences += [
            _winner(board, best),
            _methods(board, best),
            _against_random_weights(results, board, best),
            _compressions(board, best),
            _smallest(board, best),
        ]
        sentences += [
            _incomplete(board),
            _shared(results, board),
            _collapse(results),
            _seeds(board, best),
            _useless_compressions(board, best),
        ]
    return [sentence for sentence in sentences if sentence is not None]


def _winner(board: Board, best: Row) -> Finding | None:
    assert best.error is not None
    others = tied_with_best(board)[1:]
    total = sum(row.complete == best.complete for row, _ in board.ranked) - 1
    text = f"{board.label(best)}: {board.error_name} {rate(best.error)}"
    if len(best.languages) > 1:
        text += f", macro average over {listed(list(best.languages))}"
    text += "."
    if total and others:
        text += f" {len(others)} of the {total} other combinations cannot be told apart from it."
    elif total:
        text += f" Its interval lies below those of all {total} other combinations."
    return Finding("result", "Lowest error", text)


def _methods(board: Board, best: Row) -> Finding | None:
    rows = [row for row in best_per("method", board) if row.complete == best.complete]
    if len(rows) < 2:
        return None
    tied, worse = _split(rows, best)
    parts = []
    if tied:
        parts.append(f"{listed(tied)} cannot be told apart from {best.axes['method']}")
    if worse:
        parts.append(f"{listed(worse)} {'is' if len(worse) == 1 else 'are'} higher")
    text = "Each method at its best combination: " + "; ".join(parts) + "."
    return Finding("result", "Methods", text)


def _against_random_weights(results: Results, board: Board, best: Row) -> Finding | None:
    records = results.records
    spent = records.groupby("method")["meta_train_gradients"].max()
    rows = [r for r in best_per("method", board) if spent[r.axes["method"]] == 0]
    if not rows or rows[0].error is None or rows[0].complete != best.complete:
        return None
    scratch, error = rows[0], rows[0].error
    assert best.error is not None
    title = "Against random weights"
    if scratch.axes == best.axes:
        return Finding("warning", title, "No method did better than starting from random weights.")
    text = f"{board.label(scratch)} starts from random weights and reaches {rate(error)}"
    if not error.told_apart_from(best.error):
        return Finding("warning", title, text + ": the best cannot be told apart from it.")
    fewer = 100 * (1 - best.error.rate / error.rate)
    return Finding("result", title, f"{text}; the best makes {fewer:.0f} % fewer errors.")


def _compressions(board: Board, best: Row) -> Finding | None:
    rows = [row for row in board.near(best, "compression") if row.error is not None]
    plain = next((row for row in rows if row.axes["compression"] == UNCOMPRESSED), None)
    if plain is None or plain.error is None or len(rows) < 2:
        return None
    parts = []
    for row in rows:
        if row is plain or row.error is None or row.complete != plain.complete:
            continue
        points = 100 * (row.error.rate - plain.error.rate)
        share = row.cost.size_ratio
        bytes_text = f" at {percent(share)} % of the bytes" if is_known(share) else ""
        verdict = "" if row.error.told_apart_from(plain.error) else ", cannot be told apart"
        parts.append(
            f"{row.axes['compression']}{bytes_text}: {rate(row.error)} "
            f"({points:+.1f} points{verdict})"
        )
    text = f"Uncompressed {rate(plain.error)}; " + "; ".join(parts) + "."
    return Finding("result", "What compression costs", text) if parts else None


def _smallest(board: Board, best: Row) -> Finding | None:
    sized = [row for row in tied_with_best(board) if is_known(row.cost.size_bytes)]
    if len(sized) < 2:
        return None
    row = min(sized, key=lambda r: r.cost.size_bytes)
    if row is best or row.error is None:
        return None
    text = f"{board.label(row)}: {size(row.cost.size_bytes)}, {rate(row.error)}"
    if is_known(row.cost.latency_p50_ms):
        text += f", {number(row.cost.latency_p50_ms)} ms per utterance (median)"
    return Finding("result", "Smallest that cannot be told apart from the best", text + ".")


def _incomplete(board: Board) -> Finding | None:
    failed = sum(row.num_failed for row in board.rows)
    if not failed:
        return None
    total = sum(row.num_cells for row in board.rows)
    partial = sum(not row.complete for row in board.rows)
    text = f"{failed} of {total} cells have no result"
    if partial:
        text += f"; {partial} combinations lack a language and are never compared with whole ones"
    return Finding("warning", "Missing cells", text + ".")


def _shared(results: Results, board: Board) -> Finding | None:
    cells = results.records[results.records["language"].isin(board.languages)]
    largest = cells.groupby("language", sort=False)[["shared_speakers", "shared_texts"]].max()
    parts = []
    for column, noun in (("shared_speakers", "a speaker"), ("shared_texts", "a sentence")):
        shares = largest[column]
        names = [f"{name} {percent(share)} %" for name, share in shares.items() if share > 0]
        if names:
            parts.append(f"{noun} that adaptation may have heard: {listed(names)}")
    if not parts:
        return None
    text = "Test utterances with " + "; with ".join(parts) + ". Rates on new ones may be higher."
    return Finding("warning", "Shared with adaptation", text)


def _collapse(results: Results) -> Finding | None:
    cells = collapsed(results.records)
    if cells.empty:
        return None
    where = listed([f"{m} on {n}" for m, n in _pairs(cells.method, cells.language)])
    text = (
        f"{len(cells)} cells say nearly nothing (blank frames or deleted words close to all): "
        f"{where}. Their error rates tell of training that failed, not of the method."
    )
    return Finding("warning", "Collapsed models", text)


def _seeds(board: Board, best: Row) -> Finding | None:
    if best.num_seeds > 1:
        return None
    text = "With one seed the spread between seeds is not measured: the intervals are too narrow."
    return Finding("warning", "One seed", text)


def _useless_compressions(board: Board, best: Row) -> Finding | None:
    names = [
        row.axes["compression"]
        for row in board.near(best, "compression")
        if row.axes["compression"] != UNCOMPRESSED and row.cost.size_ratio >= SAVES_NOTHING
    ]
    if not names:
        return None
    verb = "saves" if len(names) == 1 else "save"
    return Finding("warning", "No bytes saved", f"{listed(names)} {verb} no bytes in the file.")


def _split(rows: list[Row], best: Row) -> tuple[list[str], list[str]]:
    tied: list[str] = []
    worse: list[str] = []
    for row in rows:
        if row is best or row.error is None or best.error is None:
            continue
        apart = row.error.told_apart_from(best.error)
        (worse if apart else tied).append(f"{row.axes['method']} ({rate(row.error)})")
    return tied, worse


def _pairs(left: object, right: object) -> list[tuple[str, str]]:
    return list(dict.fromkeys(zip(left, right, strict=True)))  # type: ignore[call-overload]
