"""How small a difference these results can show, and why some of them show less."""

from __future__ import annotations

from benchmark.board.board import Board
from benchmark.board.combination import Combination
from benchmark.board.ranking import Ranking
from benchmark.report.sentences.finding import Finding
from benchmark.results.load import Results
from benchmark.text.noise import noise_sentence
from benchmark.text.words import listed


def statistical_power(ranking: Ranking) -> Finding | None:
    """The detectable difference and the seed noise."""
    limits = ranking.detectable
    if limits is None:
        return None
    low, high = (f"{100 * value:.1f}" for value in limits)
    least = f"{low} points" if low == high else f"{low} to {high} points, depending on the pair"
    text = (
        "The smallest difference to the best that 80 % of repetitions would detect, before Holm's"
        f" correction: {least}."
    )
    if ranking.noise:
        text += f" {noise_sentence(ranking.noise)}"
    return Finding("result", "Statistical power", text)


def one_seed(best: Combination) -> Finding | None:
    """A warning where the best combination was trained once."""
    if best.num_seeds > 1:
        return None
    text = (
        "With one seed, the variation between seeds is not measured. The intervals are too narrow,"
        " and the comparisons are between trained models rather than methods."
    )
    return Finding("warning", "One seed", text)


def one_utterance(results: Results, board: Board) -> Finding | None:
    """Languages with a single test utterance, whose rates have no interval."""
    cells = results.records[results.records["language"].isin(board.languages)]
    counts = cells.groupby("language", sort=False)["n_utterances"].max()
    names = [str(name) for name, count in counts.items() if count < 2]
    if not names:
        return None
    verb = "has" if len(names) == 1 else "have"
    text = f"{listed(names)} {verb} a single test utterance, too few for an interval."
    return Finding("warning", "One test utterance", text)
