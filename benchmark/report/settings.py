"""What the names of a suite stand for: the settings behind each value of an axis."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from benchmark.report.tables import Board


def settings_of(records: pd.DataFrame, board: Board) -> dict[str, dict[str, Any]]:
    """Axis -> value -> its settings, for axes that have any; empty where they were not stored."""
    found: dict[str, dict[str, Any]] = {}
    for axis, values in board.values.items():
        first = records.drop_duplicates(axis).set_index(axis)["params"]
        known = {value: _parsed(first[value]).get(axis) for value in values}
        if any(known.values()):
            found[axis] = {value: settings for value, settings in known.items() if settings}
    return found


def _parsed(params: str) -> dict[str, Any]:
    try:
        settings = json.loads(params)["settings"]
    except (ValueError, KeyError, TypeError):
        return {}
    return settings if isinstance(settings, dict) else {}
