"""What came of a run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.plan.planner import Plan
from benchmark.plan.status import Statuses


@dataclass(frozen=True)
class Outcome:
    """A run that came to its end.

    records  one per cell of the plan
    changed  whether its results are not those before
    """

    plan: Plan
    found: Statuses
    records: list[dict[str, Any]]
    folder: Path
    stages_run: int
    seconds: float
    changed: bool

    @property
    def cells_by_status(self) -> Counter[str]:
        """How many cells ended with each status."""
        return Counter(record["status"] for record in self.records)

    @property
    def reasons(self) -> list[str]:
        """Why cells have no result, the commonest reason first."""
        counts = Counter(record["error"] for record in self.records if record["error"])
        return [reason for reason, _ in counts.most_common()]
