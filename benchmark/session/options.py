"""How to run, not what: nothing here changes a hypothesis."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmark.suite.schema import Suite
from benchmark.system.denials import Place
from benchmark.system.places import give_another, require_writable


@dataclass(frozen=True)
class Options:
    """The folders that a run writes, the device, the number of worker processes, and whether stages
    that failed before are run again.

    command  the command line
    stack    the most stages of one structure that are performed as one stack
    profile  whether records say what the time of stages went to
    """

    results: Path
    device: str
    jobs: int
    retry_failed: bool = False
    command: tuple[str, ...] = ()
    reports: Path | None = None
    stack: int = 1
    profile: bool = False

    def require_writable(self, suite: Suite) -> None:
        """Raise UserError, before work is done in vain, where its results cannot be written."""
        require_writable(Place(self.results / suite.name / "stages", give_another("--results")))
        if self.reports:
            require_writable(Place(self.reports, give_another("--reports")))
