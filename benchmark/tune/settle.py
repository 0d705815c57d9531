"""A matrix whose tuned cells have the settings that searches chose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from benchmark.suite.matrix import Matrix
from benchmark.tune.search import Search
from benchmark.tune.study import study_key


def settle(matrix: Matrix, searches: Iterable[Search]) -> Matrix:
    """Cells of a search that has not finished stay as they are."""
    chosen: dict[tuple[str, ...], Any] = {
        study_key(search.study.cell): search.study.choices(search.chosen)
        for search in searches
        if search.finished
    }
    return replace(
        matrix,
        cells=tuple(
            replace(cell, **chosen.get(study_key(cell), {})) if cell.awaits_tuning else cell
            for cell in matrix.cells
        ),
    )
