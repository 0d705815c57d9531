"""The table of trials: one row per trial of a study and instance that it was judged on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.results.tables import TRIALS, damaged_tables
from benchmark.store.drafts import replace_file
from benchmark.suite.tuning import STUDY_AXES

COLUMNS: dict[str, str] = {
    "suite": "string",
    **dict.fromkeys(STUDY_AXES, "string"),
    "trial": "Int64",
    "num_trials": "Int64",
    "num_settings": "Int64",
    "params": "string",
    "state": "string",
    "is_default": "boolean",
    "is_best": "boolean",
    "mean": "float64",
    "num_instances": "Int64",
    "language": "string",
    "draw": "Int64",
    "metric": "string",
    "error": "float64",
    "reason": "string",
}
"""Columns of trials.parquet.

The axes name the study. `params` is the settings of the trial as JSON, `num_trials` how many
trials every study may have, `num_settings` how many settings the space of this one has (none is
tried twice), `state` one of complete, pruned, failed and running, `mean` the mean `error` (a
fraction, by `metric`) over the instances that were run, `num_instances` of how many a whole trial
consists, `reason` why an instance has none.
"""


def write_trials(folder: Path, rows: list[dict[str, Any]]) -> bool:
    """Write trials.parquet, or remove it where there are no trials; whether anything changed."""
    path = folder / TRIALS
    if not rows:
        existed = path.exists()
        path.unlink(missing_ok=True)
        return existed
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    if path.exists() and TRIALS not in damaged_tables(folder) and _read(path).equals(table):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(path, lambda draft: table.to_parquet(draft, index=False))
    return True


def _read(path: Path) -> pd.DataFrame:
    """The stored table; empty where it is damaged or of another version."""
    try:
        return pd.read_parquet(path, columns=list(COLUMNS)).astype(COLUMNS)
    except (OSError, ValueError, KeyError):
        return pd.DataFrame()
