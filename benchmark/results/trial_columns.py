"""The columns of trials.parquet: one row per trial of a study and instance it was judged on."""

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
        *(label(name, "names the study") for name in STUDY_AXES),
        count("trial", "number of the trial", required=True),
        count("num_trials", "how many trials every study may have", required=True),
        count(
            "num_settings",
            "how many settings the space of this study has; none is tried twice",
            required=True,
        ),
        text("params", "JSON: the settings of the trial", required=True, json=CHOSEN),
        text("state", choices=("complete", "pruned", "failed", "running"), required=True),
        flag("is_default", required=True),
        flag("is_best", required=True),
        rate("mean", "mean `error` over the instances that were run"),
        count("num_instances", "of how many a whole trial consists", required=True),
        label("language", required=True),
        integer("draw"),
        text("metric", choices=BASIC, required=True),
        rate("error", "error rate of the instance by `metric`, a fraction"),
        Column("reason", "string", "why an instance has none", text="words"),
    )
)
