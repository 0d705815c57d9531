"""Decode one language of a corpus once, for all suites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from benchmark.data.prepare import DataLimits
from benchmark.plan.stages.base import Member, Stage


@dataclass(frozen=True, kw_only=True)
class Prepare(Stage):
    """`source` is what the corpus says of the language: its revision, its files."""

    kind: ClassVar[str] = "prepare"
    version: ClassVar[int] = 3
    first_seconds: ClassVar[float] = 5.0

    corpus: Member
    source: dict[str, Any]
    language: str
    limits: DataLimits
