"""What the numbers say, in sentences that claim no more than the comparisons allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmark.report.load import Results
from benchmark.report.tables import (
    UNCOMPRESSED,
    Board,
    Row,
    best_per,
    collapsed,
    pareto_front,
)
from benchmark.report.verdicts import Verdict, Verdicts
from benchmark.statistics.estimate import is_known
from benchmark.text.tables import probability
from benchmark.text.words import listed, number, percent, rate, signed, size

SAVES_NOTHING = 0.99
"""A file of at least this share of the uncompressed one is said to save nothing."""

MAX_TOLD = 6
"""The most compressions that a sentence names one by one."""


@dataclass(frozen=True)
class Finding:
    """One sentence or two; `kind` says how loudly to show it."""

    kind: Literal["result", "warning"]
    title: str
    text: str


def find(results: Results, verdicts: Verdicts) -> list[Finding]:
    """All findings that the results support, most important first; warnings come last."""
    board = verdicts.board
    best = board.best
    sentences: list[Finding | None] = []
    if board.lead is None:
        sentences.append(Finding("warning", "No result", "No cell of this suite has a result."))
    elif best is None:
        sentences += [_nothing_usable(board, board.lead), _collapse(results), _incomplete(board)]
    else:
        sentences += [
            _winner(verdicts, best),
            *_methods(results, verdicts, best),
            _compressions(verdicts, best),
            _smallest(verdicts, best),
            _resolution(verdicts),
        ]
        sentences += [
            _incomplete(board),
            _shared(results, board),
            _too_few(results, board),
            _unusable(board),
            _collapse(results),
            _seeds(board, best),
            _useless_compressions(board, best),
        ]
    return [sentence for sentence in sentences if sentence is not None]


def _winner(verdicts: Verdicts, best: Row) -> Finding:
    assert best.error is not None
    board = verdicts.board
    others = len(verdicts.tied()) - 1
    total = len(verdicts.against_best)
    text = f"{board.label(best)}: {board.error_name} {rate(best.error)}"
    if len(best.languages) > 1:
        text += f", macro average over {listed(list(best.languages))}"
    text += "."
    if others and others == total:
        text += f" None of the {total} other combinations is told apart from it."
    elif others:
        text += f" {others} of the {total} other combinations cannot be told apart from it."
    elif total:
        text += f" All {total} other combinations are told apart from it."
    return Finding("result", "Lowest error", text)


def _nothing_usable(board: Board, lead: Row) -> Finding:
    assert lead.error is not None
    text = (
        f"No combination is usable. The lowest error is {board.error_name} {rate(lead.error)},"
        f" by {board.label(lead)}."
    )
    return Finding("warning", "No usable model", text)


def _unusable(board: Board) -> Finding | None:
    """Combinations that nothing is said of above, and languages that none recognises."""
    count = len(board.ranked) - len(board.contenders)
    parts = []
    if count:
        parts.append(
            f"{count} of {len(board.ranked)} combinations are not usable: collapsed, or 95 % errors"
            " or more. They are shown, and compared with nothing."
        )
    if board.hopeless:
        names = listed(list(board.hopeless))
        parts.append(f"No combination recognises {names}, which counts against none of them.")
    return Finding("warning", "Not usable", " ".join(parts)) if parts else None


def _methods(results: Results, verdicts: Verdicts, best: Row) -> list[Finding | None]:
    """Methods at their best, and the best of them against random weights: one family."""
    board = verdicts.board
    rows = best_per("method", board)
    lost = [name for name in board.values["method"] if name not in {r.axes["method"] for r in rows}]
    lost = [name for name in lost if any(row.axes["method"] == name for row, _ in board.ranked)]
    rows = [row for row in rows if row.languages.keys() == best.languages.keys()]
    if len(rows) + len(lost) < 2:
        return []
    judged = list(zip(rows[1:], verdicts.family(best, rows[1:]), strict=True))
    tied = [_against(row.axes["method"], row, best, v) for row, v in judged if not v.apart]
    worse = [_against(row.axes["method"], row, best, v) for row, v in judged if v.apart]
    parts = []
    if tied:
        parts.append(f"{listed(tied)} cannot be told apart from {best.axes['method']}")
    if worse:
        parts.append(f"{listed(worse)} {'is' if len(worse) == 1 else 'are'} higher")
    if lost:
        parts.append(f"{listed(lost)} {'has' if len(lost) == 1 else 'have'} no usable combination")
    text = "Each method at its best combination: " + "; ".join(parts) + "."
    spent = results.records.groupby("method")["meta_train_gradients"].max()
    untrained = [row for row in rows if spent[row.axes["method"]] == 0]
    return [
        Finding("result", "Methods", text),
        _against_random_weights(verdicts.board, best, untrained[0], judged) if untrained else None,
    ]


def _against_random_weights(
    board: Board, best: Row, scratch: Row, judged: list[tuple[Row, Verdict]]
) -> Finding:
    title = "Against random weights"
    if scratch is best:
        return Finding("warning", title, "No method did better than starting from random weights.")
    assert scratch.error is not None and best.error is not None
    (verdict,) = (verdict for row, verdict in judged if row is scratch)
    text = f"{board.label(scratch)} starts from random weights and reaches {rate(scratch.error)}"
    because = f" ({verdict.p})" if verdict.p else ""
    if not verdict.apart:
        text += f": the best cannot be told apart from it{because}."
        return Finding("warning", title, text)
    fewer = 100 * (1 - best.error.rate / scratch.error.rate)
    return Finding("result", title, f"{text}; the best makes {fewer:.0f} % fewer errors{because}.")


def _compressions(verdicts: Verdicts, best: Row) -> Finding | None:
    rows = [row for row in verdicts.board.near(best, "compression") if row.error is not None]
    plain = next((row for row in rows if row.axes["compression"] == UNCOMPRESSED), None)
    if plain is None or plain.error is None:
        return None
    rows = [r for r in rows if r is not plain and r.languages.keys() == plain.languages.keys()]
    judged = list(zip(rows, verdicts.family(plain, rows), strict=True))
    points = [(row.cost.size_ratio, row.error.rate) for row in rows if row.error is not None]
    if len(judged) > MAX_TOLD and all(is_known(share) for share, _ in points):
        # A paragraph of thirty says nothing; the tables have them all.
        judged = [judged[i] for i in pareto_front(points) if judged[i][0].usable]
    parts = []
    for row, verdict in judged:
        share = row.cost.size_ratio
        bytes_text = f" at {percent(share)} % of the bytes" if is_known(share) else ""
        same = "" if verdict.apart else ", cannot be told apart"
        parts.append(_against(row.axes["compression"] + bytes_text, row, plain, verdict) + same)
    text = f"Uncompressed {rate(plain.error)}; " + "; ".join(parts) + "."
    if others := len(rows) - len(parts):
        text += f" Each of the {others} others is no smaller and no better than one of these."
    return Finding("result", "What compression costs", text) if parts else None


def _smallest(verdicts: Verdicts, best: Row) -> Finding | None:
    board = verdicts.board
    rows = [r for r in verdicts.tied()[1:] if verdicts.against_best[r.key].no_sign]
    sized = [row for row in [best, *rows] if is_known(row.cost.size_bytes)]
    if len(sized) < 2:
        return None
    row = min(sized, key=lambda r: r.cost.size_bytes)
    if row.error is None:
        return None
    text = f"{board.label(row)}: {size(row.cost.size_bytes)}, {rate(row.error)}"
    if is_known(row.cost.latency_p50_ms):
        text += f", {number(row.cost.latency_p50_ms)} ms per utterance (median)"
    if row is best:
        text += "; it is the best itself"
    elif found := verdicts.against_best[row.key].found:
        text += f"; {signed(found.difference)} points, p = {probability(found.p)} uncorrected"
    return Finding("result", "Smallest that cannot be told apart from the best", text + ".")


def _resolution(verdicts: Verdicts) -> Finding | None:
    limits = verdicts.detectable()
    if limits is None:
        return None
    low, high = (f"{100 * value:.1f}" for value in limits)
    least = f"{low} points" if low == high else f"{low} to {high} points, depending on the pair,"
    text = (
        f"The smallest difference to the best that is found in 80 % of repetitions is {least} "
        "before Holm's correction."
    )
    if noise := verdicts.noise:
        text += (
            f" Noise floor: training again with another seed changes an error rate by "
            f"{percent(noise.relative)} % of itself (standard deviation, "
            f"{noise.degrees:.0f} degree{'s' * (round(noise.degrees) != 1)} of freedom)."
        )
    return Finding("result", "What this run could see", text)


def _against(name: str, row: Row, reference: Row, verdict: Verdict) -> str:
    """`maml (69.0 %; +3.4 points [-3.4, +10.2], p = 0.4)`."""
    assert row.error is not None and reference.error is not None
    if verdict.found:
        return f"{name} ({percent(row.error.rate)} %; {verdict.difference})"
    points = signed(row.error.rate - reference.error.rate)
    return f"{name} ({rate(row.error)}; {points} points)"


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


def _too_few(results: Results, board: Board) -> Finding | None:
    """Languages with a single test utterance, of which nothing says how sure a rate is."""
    cells = results.records[results.records["language"].isin(board.languages)]
    counts = cells.groupby("language", sort=False)["n_utterances"].max()
    names = [str(name) for name, count in counts.items() if count < 2]
    if not names:
        return None
    verb = "has" if len(names) == 1 else "have"
    text = f"Too few test utterances for an interval: {listed(names)} {verb} one."
    return Finding("warning", "One test utterance", text)


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
    text = (
        "With one seed the spread between seeds is not measured: the intervals are too narrow, "
        "and what is compared are trained models, not methods."
    )
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


def _pairs(left: object, right: object) -> list[tuple[str, str]]:
    return list(dict.fromkeys(zip(left, right, strict=True)))  # type: ignore[call-overload]
