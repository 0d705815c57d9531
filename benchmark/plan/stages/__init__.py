"""The kinds of stages: for each what its result depends on, and what it is expected to cost.

What a stage does is in `execute`, in the file of the same name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmark.plan.stages.adapt import Adapt
from benchmark.plan.stages.base import Stage
from benchmark.plan.stages.compress import Compress
from benchmark.plan.stages.compress_start import CompressStart
from benchmark.plan.stages.curve import Curve
from benchmark.plan.stages.evaluate import Evaluate
from benchmark.plan.stages.meta_train import MetaTrain
from benchmark.plan.stages.pace import Pace
from benchmark.plan.stages.prepare import Prepare
from benchmark.plan.stages.score import Score
from benchmark.plan.stages.score_curve import ScoreCurve
from benchmark.plan.stages.time import Time

__all__ = [
    "KINDS",
    "Adapt",
    "Compress",
    "CompressStart",
    "Curve",
    "Evaluate",
    "MetaTrain",
    "Pace",
    "Prepare",
    "Score",
    "ScoreCurve",
    "Stage",
    "Time",
    "stage_of",
]

KINDS: dict[str, type[Stage]] = {
    stage.kind: stage
    for stage in (
        Prepare,
        Pace,
        MetaTrain,
        CompressStart,
        Adapt,
        Compress,
        Evaluate,
        Score,
        Time,
        Curve,
        ScoreCurve,
    )
}
"""All kinds by name, in the order in which a plan shows them."""


def stage_of(identity: Mapping[str, Any]) -> Stage:
    """The stage that an identity describes.

    Raises ValueError for a kind, a version or a shape that this version does not have.
    """
    kind = KINDS.get(str(identity.get("kind")))
    if kind is None:
        raise ValueError(f"no kind of stage is called {identity.get('kind')!r}")
    return kind.from_json(identity)
