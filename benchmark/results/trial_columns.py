"""The columns of trials.parquet: one row per trial and instance that it was evaluated on."""

from __future__ import annotations

from benchmark.results.column import (
    Column,
    Columns,
    by_name,
    count,
    flag,
    integer,
    label,
    rate,
    text,
)
from benchmark.results.documents import CHOSEN
from benchmark.scoring.metrics.base import BASIC
from benchmark.suite.tuning import STUDY_AXES

TRIAL: Columns = by_name(
    (
        label("suite"),
        *(label(name, "axis: part of the name of the study") for name in STUDY_AXES),
        count("trial", "number of the trial", required=True),
        count("num_trials", "maximum number of trials per study", required=True),
        count(
            "num_settings",
            "number of settings in the search space of the study; none is tried twice",
            required=True,
        ),
        text("params", "JSON: the settings of the trial", required=True, json=CHOSEN),
        text("state", choices=("complete", "pruned", "failed", "running"), required=True),
        flag("is_default", required=True),
        flag("is_best", required=True),
        rate("mean", "mean of `error` over the instances that were run"),
        count("num_instances", "number of instances of a complete trial", required=True),
        label("language", required=True),
        integer("draw"),
        text("metric", choices=BASIC, required=True),
        rate("error", "error rate of the instance by `metric`, a fraction"),
        Column("reason", "string", "why an instance has no error rate", text="words"),
    )
)
