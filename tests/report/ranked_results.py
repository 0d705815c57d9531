"""A results folder, read and ranked as the report does it."""

from __future__ import annotations

from pathlib import Path

from benchmark.board.build import build_board
from benchmark.board.ranking import Ranking, rank
from benchmark.evidence.side import side_of
from benchmark.results.load import Results, load


def ranked(results: Results) -> Ranking:
    """The ranking of results that were read."""
    return rank(build_board(results.records), lambda: side_of(results.run))


def ranked_folder(folder: Path) -> Ranking:
    """The ranking of a results folder."""
    return ranked(load(folder))
