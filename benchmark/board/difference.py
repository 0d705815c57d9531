"""Combinations against a reference: is the difference more than chance?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmark.board.combination import Combination
from benchmark.evidence.comparison import Comparison
from benchmark.evidence.within import LEVEL, Roster, compare, compare_family
from benchmark.statistics.estimate import Estimate
from benchmark.statistics.ties import tie_groups
from benchmark.text.tables import bounds, probability
from benchmark.text.words import signed


class Entrant(NamedTuple):
    """What is compared: a combination, over all of its languages or in some of them."""

    axes: Mapping[str, str]
    error: Estimate
    languages: frozenset[str]


@dataclass(frozen=True)
class Difference:
    """A combination against a reference combination.

    significant  whether they differ by more than chance; otherwise they are statistically tied
    comparison   their paired comparison, positive where the combination makes more errors; None
                 where only the overlap of their intervals could be judged
    """

    significant: bool
    comparison: Comparison | None

    @property
    def p(self) -> str:
        """`p = 0.003`, corrected for all comparisons of its family; empty without a test."""
        if self.comparison is None:
            return ""
        text = probability(self.comparison.p_holm)
        return f"p {text}" if text.startswith("<") else f"p = {text}"

    @property
    def points(self) -> str:
        """`+7.2` percentage points; empty without a test."""
        return signed(self.comparison.difference) if self.comparison else ""

    @property
    def interval(self) -> str:
        """`[+2.2, +12.1]`, the 95 % interval of this difference alone; empty without a test."""
        return bounds(self.comparison.low, self.comparison.high) if self.comparison else ""

    @property
    def sentence(self) -> str:
        """`+7.2 points [+2.2, +12.1], p = 0.003`; empty without a test."""
        return f"{self.points} points {self.interval}, {self.p}" if self.comparison else ""

    @property
    def shows_no_loss(self) -> bool:
        """Whether the two are tied even without Holm's correction.

        The correction makes ties more common, so it must not serve to recommend.
        """
        uncorrected = self.comparison is None or self.comparison.p >= LEVEL
        return not self.significant and uncorrected


def entrant(combination: Combination) -> Entrant:
    """A combination that has a result, over all languages that it has."""
    assert combination.error is not None
    return Entrant(combination.axes, combination.error, frozenset(combination.languages))


def entrant_in(combination: Combination, language: str) -> Entrant:
    """A combination in one language."""
    return Entrant(combination.axes, combination.languages[language], frozenset([language]))


def differences(
    roster: Roster | None, reference: Entrant, others: Sequence[Entrant]
) -> list[Difference]:
    """Each of `others` against `reference`, one family for Holm's correction.

    Two that have no pairs in every language are judged by whether their intervals overlap, and so
    are all where there is no roster.
    """
    comparisons: list[Comparison | None] = [None] * len(others)
    if roster is not None:
        comparisons = compare_family(roster, reference.axes, [other.axes for other in others])
    return [
        _difference(reference, other, comparison)
        for other, comparison in zip(others, comparisons, strict=True)
    ]


def _difference(reference: Entrant, other: Entrant, comparison: Comparison | None) -> Difference:
    if comparison is not None and set(comparison.languages) == other.languages:
        return Difference(comparison.p_holm < LEVEL, comparison)
    return Difference(other.error.told_apart_from(reference.error), None)


def ranked_groups(
    roster: Roster | None, entrants: Sequence[Entrant], to_best: Sequence[Difference]
) -> list[int]:
    """The tie group, from 1, of each entrant; they are given best first.

    `to_best` holds the differences of all but the first to the first.
    """

    def differs(leader: int, other: int) -> bool:
        if leader == 0:
            return to_best[other - 1].significant
        # Others are asked one by one until the first differs, so Holm's order is not known:
        # Bonferroni's bound over all that might have been asked.
        asked = len(entrants) - 1 - leader
        first, second = entrants[leader], entrants[other]
        comparison = compare(roster, first.axes, second.axes) if roster else None
        difference = _difference(first, second, comparison)
        if difference.comparison is None:
            return difference.significant
        return difference.comparison.p * asked < LEVEL

    return tie_groups(len(entrants), differs)
