"""What the numbers say, in sentences that claim no more than the comparisons allow."""

from __future__ import annotations

from benchmark.board.ranking import Ranking
from benchmark.report.sentences.compressions import cost_of_compression, no_bytes_saved
from benchmark.report.sentences.finding import Finding
from benchmark.report.sentences.power import one_seed, one_utterance, statistical_power
from benchmark.report.sentences.warnings import (
    collapsed_models,
    missing_cells,
    nothing_ranked,
    shared_speech,
    unusable,
)
from benchmark.report.sentences.winners import ceiling, lowest_error, methods, smallest
from benchmark.results.load import Results


def find(results: Results, ranking: Ranking) -> list[Finding]:
    """All findings that the results support, most important first; warnings come last."""
    board = ranking.board
    best = board.best
    findings: list[Finding | None]
    if board.lead is None:
        findings = [Finding("warning", "No result", "No cell of this suite has a result.")]
    elif best is None:
        findings = [
            ceiling(board),
            nothing_ranked(board, board.lead),
            collapsed_models(results),
            missing_cells(board),
        ]
    else:
        findings = [
            lowest_error(ranking, best),
            *methods(results, ranking, best),
            ceiling(board),
            cost_of_compression(ranking, best),
            smallest(ranking, best),
            statistical_power(ranking),
            missing_cells(board),
            shared_speech(results, board),
            one_utterance(results, board),
            unusable(board),
            collapsed_models(results),
            one_seed(best),
            no_bytes_saved(board, best),
        ]
    return [finding for finding in findings if finding is not None]
