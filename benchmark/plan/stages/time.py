"""Time artefacts of one structure on one machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from benchmark.data.features import Features
from benchmark.plan.stages.base import Member, Stage
from benchmark.suite.timing import Timing


@dataclass(frozen=True, kw_only=True)
class Time(Stage):
    """Latency of a structure, whatever the weights.

    units     number of output units, or whose they are while the language is not prepared
    runtime   the name of the native one alone
    hardware  the machine, and versions of what the runtime runs on
    """

    kind: ClassVar[str] = "time"
    version: ClassVar[int] = 3
    first_seconds: ClassVar[float] = 5.0

    model: Member
    units: int | str
    features: Features
    compression: dict[str, Any]
    runtime: Member | str
    protocol: Timing
    hardware: dict[str, Any]
