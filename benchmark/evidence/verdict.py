"""Verdicts, and how verdicts of measures and cells combine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from benchmark.errors import Exit


class Verdict(StrEnum):
    """The verdicts of the gate, from the worst to the best."""

    REGRESSED = "regressed"
    MISSING = "missing"
    NOT_COMPARABLE = "not comparable"
    INCONCLUSIVE = "inconclusive"
    FIXED = "fixed"
    IMPROVED = "improved"
    PASS = "pass"

    def exit_code(self, strict: bool) -> Exit:
        """The exit code of a gate with this overall verdict."""
        if self is Verdict.INCONCLUSIVE:
            return Exit.INCONCLUSIVE if strict else Exit.OK
        incomplete = dict.fromkeys((Verdict.MISSING, Verdict.NOT_COMPARABLE), Exit.INCOMPLETE)
        return {Verdict.REGRESSED: Exit.REGRESSION, **incomplete}.get(self, Exit.OK)


SEVERITY = tuple(Verdict)


@dataclass(frozen=True)
class Judgement:
    """A verdict with its reason, on one measure: error rate, collapse, size, latency or cell."""

    measure: str
    verdict: Verdict
    reason: str


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several verdicts; `pass` if there is none."""
    return min(verdicts, key=SEVERITY.index, default=Verdict.PASS)
