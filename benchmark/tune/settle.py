"""A matrix whose tuned cells have the settings that searches chose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from benchmark.suite.matrix import Matrix
from benchmark.tune.search import Search
from benchmark.tune.study import study_key


def settle(matrix: Matrix, searches: Iterable[Search]) -> Matrix:
    """Cells of a search that has not finished stay as they are."""
    done = {study_key(search.study.cell): search for search in searches if search.finished}
    return replace(
        matrix,
        cells=tuple(
            search.study.settle(cell, search.chosen)
            if cell.awaits_tuning and (search := done.get(study_key(cell)))
            else cell
            for cell in matrix.cells
        ),
    )
