"""Error rates by step of adaptation, and the area under them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from benchmark.plan.stages.base import Stage


@dataclass(frozen=True, kw_only=True)
class ScoreCurve(Stage):
    """Error rates of what the `curve` stage `hypotheses` heard, by `metric`."""

    kind: ClassVar[str] = "score_curve"
    first_seconds: ClassVar[float] = 0.1

    hypotheses: str
    language: str
    metric: Literal["wer", "cer"]
    normaliser: str
