"""Findings on error rates: the best combination, methods, random weights, ceilings."""

from __future__ import annotations

from benchmark.board.board import Board
from benchmark.board.combination import Combination
from benchmark.board.difference import Difference
from benchmark.board.ranking import Ranking
from benchmark.report.sentences.finding import Finding, against
from benchmark.results.load import Results
from benchmark.statistics.estimate import is_known
from benchmark.text.tables import probability
from benchmark.text.words import listed, number, rate, signed, size


def lowest_error(ranking: Ranking, best: Combination) -> Finding:
    """The best combination and how many others are tied with it."""
    assert best.error is not None
    text = f"{ranking.board.label(best)}: {ranking.board.error_name} {rate(best.error)}"
    if len(best.languages) > 1:
        text += f", macro average over {listed(list(best.languages))}"
    return Finding("result", "Lowest error rate", f"{text}.{_rivals(ranking)}")


def _rivals(ranking: Ranking) -> str:
    total, tied = len(ranking.against_best), len(ranking.tied) - 1
    if not total:
        return ""
    if total == 1:
        relation = "statistically tied with it" if tied else "significantly worse"
        return f" The other combination is {relation}."
    if not tied:
        return f" All {total} other combinations are significantly worse."
    if tied == total:
        return f" All {total} other combinations are statistically tied with it."
    verb = "is" if tied == 1 else "are"
    return f" {tied} of the other {total} combinations {verb} statistically tied with it."


def methods(results: Results, ranking: Ranking, best: Combination) -> list[Finding]:
    """Methods at their best, and the best of them against random weights: one family."""
    board = ranking.board
    rows = board.best_per("method")
    lost = _without_usable(board, {row.axes["method"] for row in rows})
    rows = [row for row in rows if row.languages.keys() == best.languages.keys()]
    if len(rows) + len(lost) < 2:
        return []
    judged = list(zip(rows[1:], ranking.family(best, rows[1:]), strict=True))
    tied = [against(row.axes["method"], row, best, d) for row, d in judged if not d.significant]
    worse = [against(row.axes["method"], row, best, d) for row, d in judged if d.significant]
    parts = []
    if tied:
        parts.append(f"{listed(tied)} {_be(tied)} statistically tied with {best.axes['method']}")
    if worse:
        parts.append(f"{listed(worse)} {_be(worse)} significantly worse")
    if lost:
        parts.append(f"{listed(lost)} {'has' if len(lost) == 1 else 'have'} no usable combination")
    text = "Each method at its best combination: " + "; ".join(parts) + "."
    findings = [Finding("result", "Methods", text)]
    spent = results.records.groupby("method")["meta_train_gradients"].max()
    if untrained := [row for row in rows if spent[row.axes["method"]] == 0]:
        findings.append(_random_weights(board, best, untrained[0], judged))
    return findings


def _without_usable(board: Board, usable: set[str]) -> list[str]:
    """Methods that have results but no contender; ceilings are no rivals and not counted."""
    scored = {row.axes["method"] for row, _ in board.scored if not row.ceiling}
    return [name for name in board.values["method"] if name in scored - usable]


def _be(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _random_weights(
    board: Board,
    best: Combination,
    scratch: Combination,
    judged: list[tuple[Combination, Difference]],
) -> Finding:
    title = "Compared with random weights"
    if scratch is best:
        return Finding("warning", title, "No method did better than starting from random weights.")
    assert scratch.error is not None and best.error is not None
    (difference,) = (d for row, d in judged if row is scratch)
    text = f"{board.label(scratch)} starts from random weights and reaches {rate(scratch.error)}"
    p = f" ({difference.p})" if difference.p else ""
    if not difference.significant:
        return Finding("warning", title, f"{text}; the best is statistically tied with it{p}.")
    fewer = 100 * (1 - best.error.rate / scratch.error.rate)
    return Finding("result", title, f"{text}; the best makes {fewer:.0f} % fewer errors{p}.")


def smallest(ranking: Ranking, best: Combination) -> Finding | None:
    """The smallest file among those that show no loss against the best, even uncorrected."""
    board = ranking.board
    rows = [c for c in ranking.tied[1:] if ranking.against_best[c.key].shows_no_loss]
    sized = [c for c in [best, *rows] if is_known(c.cost.size_bytes)]
    if len(sized) < 2:
        return None
    row = min(sized, key=lambda c: c.cost.size_bytes)
    assert row.error is not None
    text = f"{board.label(row)}: {size(row.cost.size_bytes)}, {rate(row.error)}"
    if is_known(row.cost.latency_p50_ms):
        text += f", {number(row.cost.latency_p50_ms)} ms per utterance (median)"
    if row is best:
        text += "; this is the best combination itself"
    elif comparison := ranking.against_best[row.key].comparison:
        p = probability(comparison.p)
        text += f"; {signed(comparison.difference)} points, uncorrected p = {p}"
    return Finding("result", "Smallest model tied with the best", text + ".")


def ceiling(board: Board) -> Finding | None:
    """The best combination that sees all training speech of the language, beside the ranks."""
    if not board.ceilings:
        return None
    best = min(board.ceilings, key=lambda c: (not c.complete, c.error.rate if c.error else 0))
    assert best.error is not None
    text = (
        f"{board.label(best)}: {board.error_name} {rate(best.error)}. Its method sees all training"
        " speech of the language, so it bounds what the others can reach and is not ranked."
    )
    return Finding("result", "Ceiling", text)
