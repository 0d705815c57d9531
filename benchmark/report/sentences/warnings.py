"""Warnings: what is missing, unusable, collapsed or shared between adaptation and test."""

from __future__ import annotations

from benchmark.board.board import Board
from benchmark.board.combination import Combination
from benchmark.report.sentences.finding import Finding
from benchmark.results.load import Results
from benchmark.scoring.usable import collapsed
from benchmark.text.counts import counted
from benchmark.text.words import listed, percent, rate


def nothing_ranked(board: Board, lead: Combination) -> Finding:
    """Why no combination is the best although there are results."""
    assert lead.error is not None
    if board.ceilings:
        return Finding("warning", "Only ceilings", board.nothing_to_recommend)
    text = (
        f"No combination is usable. The lowest error rate is {board.error_name}"
        f" {rate(lead.error)}, by {board.label(lead)}."
    )
    return Finding("warning", "No usable model", text)


def missing_cells(board: Board) -> Finding | None:
    """How many cells have no result, and what that keeps from being compared."""
    failed = sum(row.num_failed for row in board.combinations)
    if not failed:
        return None
    total = sum(row.num_cells for row in board.combinations)
    partial = sum(not row.complete for row in board.combinations)
    text = f"{failed} of {counted(total, 'cell')} {'has' if failed == 1 else 'have'} no result"
    if partial:
        verbs = "lacks a language and is" if partial == 1 else "lack a language and are"
        text += f"; {counted(partial, 'combination')} {verbs} not compared with complete ones"
    return Finding("warning", "Missing cells", text + ".")


def unusable(board: Board) -> Finding | None:
    """Combinations that are left out of every comparison, and languages that none recognises."""
    count = sum(not row.usable for row, _ in board.scored)
    parts = []
    if count:
        parts.append(
            f"{count} of {counted(len(board.scored), 'combination')}"
            f" {'is' if count == 1 else 'are'} not usable: collapsed, or 95 % errors or more."
            " Unusable combinations are shown but neither ranked nor compared."
        )
    if board.hopeless:
        names = listed(list(board.hopeless))
        parts.append(f"No combination recognises {names}, which counts against none of them.")
    return Finding("warning", "Not usable", " ".join(parts)) if parts else None


def collapsed_models(results: Results) -> Finding | None:
    """Cells whose models say nearly nothing or always the same."""
    cells = results.records[collapsed(results.records)]
    if cells.empty:
        return None
    pairs = dict.fromkeys(zip(cells["method"], cells["language"], strict=True))
    where = listed([f"{method} on {language}" for method, language in pairs])
    text = (
        f"{counted(len(cells), 'cell')} collapsed, with nearly all frames blank or nearly all words"
        f" deleted: {where}. Their error rates reflect failed training, not the method."
    )
    return Finding("warning", "Collapsed models", text)


def shared_speech(results: Results, board: Board) -> Finding | None:
    """What share of a test set has a speaker or a sentence in common with adaptation."""
    cells = results.records[results.records["language"].isin(board.languages)]
    largest = cells.groupby("language", sort=False)[["shared_speakers", "shared_texts"]].max()
    parts = []
    for column, noun in (("shared_speakers", "speaker"), ("shared_texts", "sentence")):
        shares = largest[column]
        names = [f"{name} {percent(share)} %" for name, share in shares.items() if share > 0]
        if names:
            parts.append(f"may share a {noun} with the adaptation speech: {listed(names)}")
    if not parts:
        return None
    text = (
        f"Test utterances that {'; that '.join(parts)}. Error rates on new speakers and sentences"
        " may be higher."
    )
    return Finding("warning", "Shared with adaptation", text)
