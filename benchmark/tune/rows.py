"""Searches as rows of the table of trials."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from benchmark.tune.search import Search


def trial_rows(searches: Iterable[Search]) -> list[dict[str, Any]]:
    """One row per trial and instance that was run; see `results.trial_columns`."""
    return [
        {
            "suite": search.study.suite.name,
            **search.study.labels,
            "trial": trial.number,
            "num_trials": search.study.tune.trials,
            "num_settings": search.study.num_settings,
            "params": json.dumps(trial.settings, ensure_ascii=False),
            "state": trial.state,
            "is_default": trial.settings == search.study.default,
            "is_best": trial is search.best,
            "mean": trial.mean,
            "num_instances": search.study.num_instances,
            "language": judged.language,
            "draw": judged.draw,
            "metric": judged.metric,
            "error": judged.error,
            "reason": judged.reason,
        }
        for search in searches
        for trial in search.trials
        for judged in trial.judged
    ]
