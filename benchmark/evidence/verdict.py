"""Verdicts, and how those of measures and cells add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from benchmark.errors import Exit


class Verdict(StrEnum):
    """The worst first."""

    REGRESSED = "regressed"
    MISSING = "missing"
    NOT_COMPARABLE = "not comparable"
    INCONCLUSIVE = "inconclusive"
    FIXED = "fixed"
    IMPROVED = "improved"
    PASS = "pass"

    def exit_code(self, strict: bool) -> Exit:
        """Of a gate with this verdict overall."""
        if self is Verdict.INCONCLUSIVE:
            return Exit.INCONCLUSIVE if strict else Exit.OK
        incomplete = dict.fromkeys((Verdict.MISSING, Verdict.NOT_COMPARABLE), Exit.INCOMPLETE)
        return {Verdict.REGRESSED: Exit.REGRESSION, **incomplete}.get(self, Exit.OK)


SEVERITY = tuple(Verdict)


@dataclass(frozen=True)
class Judgement:
    """A verdict on one measure (`error rate`, `collapse`, `size`, `latency`, `cell`), and why."""

    measure: str
    verdict: Verdict
    reason: str


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict that decides, `pass` where there is none."""
    return min(verdicts, key=SEVERITY.index, default=Verdict.PASS)
