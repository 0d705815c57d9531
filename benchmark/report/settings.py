"""The settings that each value of an axis stands for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from benchmark.board.board import Board
from benchmark.results.documents import loads, printable


def settings_of(records: pd.DataFrame, board: Board) -> dict[str, dict[str, Any]]:
    """Axis -> value -> its settings, for axes that have any; empty where they were not stored.

    A tuned value may stand for other settings in each combination; each is then a list of those.
    """
    by_axis: dict[str, dict[str, Any]] = {}
    tuned = records[records["tuned"]]
    for axis, values in board.values.items():
        first = records.drop_duplicates(axis).set_index(axis)["params"]
        by_value = {}
        for value in values:
            others = tuned.loc[tuned[axis] == value, "params"]
            by_value[value] = _merged(_parsed(text).get(axis) for text in [first[value], *others])
        if any(by_value.values()):
            by_axis[axis] = {value: settings for value, settings in by_value.items() if settings}
    return by_axis


def _parsed(params: str) -> dict[str, Any]:
    try:
        settings = printable(loads(params)["settings"])
    except (ValueError, KeyError, TypeError):
        return {}
    return settings if isinstance(settings, dict) else {}


def _merged(several: Iterable[Any]) -> Any:
    """One value where all are alike; of mappings, theirs by name; else a list of the values."""
    distinct: list[Any] = []
    for value in several:
        if value not in distinct:
            distinct.append(value)
    if len(distinct) == 1:
        return distinct[0]
    if all(isinstance(value, dict) for value in distinct):
        return {name: _merged(value.get(name) for value in distinct) for name in distinct[0]}
    return distinct
