"""Score the hypotheses of an adaptation's snapshots: its curve, and the area under it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from benchmark.execute.job import Context
from benchmark.execute.stages import HYPOTHESES
from benchmark.plan.stages import ScoreCurve
from benchmark.scoring.curve import area
from benchmark.scoring.errors import score


def run(context: Context[ScoreCurve]) -> dict[str, Any]:
    stage = context.stage
    table = pd.read_parquet(context.output(stage.hypotheses) / HYPOTHESES)
    errors = {}
    for step in table["step"].unique().tolist():
        heard = table[table["step"] == step]
        result = score(
            list(heard["reference"]),
            list(heard["hypothesis"]),
            stage.language,
            stage.metric,
        )
        errors[step] = float(getattr(result, stage.metric))
    return {
        "curve": {str(step): error for step, error in errors.items()},
        "curve_area": area(errors),
    }
