"""What became of one setting that a study tried."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import mean
from typing import Any, Literal

State = Literal["running", "complete", "pruned", "failed"]


@dataclass(frozen=True)
class Judged:
    """How one instance of a trial came out.

    error   the error rate by the language's own metric, a fraction; None where there is none
    reason  why there is none
    """

    language: str
    draw: int
    metric: str
    error: float | None
    reason: str | None = None


@dataclass
class Trial:
    """One setting and how it did, as far as it got.

    pruned  stopped early, since at the same point most trials before had done better
    failed  an instance diverged, ran out of memory or time, or is unsupported; it never wins
    """

    number: int
    settings: dict[str, Any]
    state: State = "running"
    judged: list[Judged] = field(default_factory=list)

    @property
    def mean(self) -> float | None:
        """The mean error rate over the instances that were run."""
        known = [one.error for one in self.judged if one.error is not None]
        return mean(known) if known else None

    @property
    def reason(self) -> str | None:
        """Why it failed, if it did."""
        return next((one.reason for one in self.judged if one.reason), None)
