"""Error rates of stored hypotheses; a new metric or normaliser needs nothing but this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from benchmark.plan.stages.base import Member, Stage
from benchmark.statistics.bootstrap import DRAWS, LEVEL


@dataclass(frozen=True)
class Interval:
    """The bootstrap interval of an error rate: its confidence level, resamples, and seed."""

    level: float = LEVEL
    draws: int = DRAWS
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Score(Stage):
    """Error rates of what the `evaluate` stage `hypotheses` heard; `metric` is the main one.

    metrics  those beside word and character error rate
    """

    kind: ClassVar[str] = "score"
    version: ClassVar[int] = 4
    first_seconds: ClassVar[float] = 0.1
    bytes_of_text: ClassVar[float] = 2e4

    hypotheses: str
    language: str
    metric: Literal["wer", "cer"]
    normaliser: str
    interval: Interval
    metrics: tuple[Member, ...] | None = None
