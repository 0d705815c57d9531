"""Measure how fast a method learns beside the reference; see `benchmark.plan.pace`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from benchmark.plan.stages.base import Stage

Phase = Literal["meta_train", "adapt"]


@dataclass(frozen=True, kw_only=True)
class Pace(Stage):
    """Seconds per utterance-gradient of one method relative to the reference.

    arm        identity of the `meta_train` or `adapt` stage that is measured
    reference  identity of the same stage of the reference
    learning   identity of the meta-training whose outcome adaptation may need
    """

    kind: ClassVar[str] = "pace"
    first_seconds: ClassVar[float] = 15.0

    phase: Phase
    arm: dict[str, Any]
    reference: dict[str, Any]
    learning: dict[str, Any] | None
    rounds: int
    hardware: dict[str, Any]
