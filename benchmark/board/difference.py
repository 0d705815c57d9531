"""Differences between combinations and a reference combination, with their significance."""

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
    """A combination in a comparison, over all or some of its languages."""

    axes: Mapping[str, str]
    error: Estimate
    languages: frozenset[str]


@dataclass(frozen=True)
class Difference:
    """The difference of a combination to a reference combination.

    significant  whether the difference is significant; otherwise the two are statistically tied
    comparison   the paired comparison, positive if the combination makes more errors; None if
                 only the overlap of intervals could be judged
    """

    significant: bool
    comparison: Comparison | None

    @property
    def p(self) -> str:
        """`p = 0.003`, corrected for all comparisons of its family; empty without a paired test."""
        if self.comparison is None:
            return ""
        text = probability(self.comparison.p_holm)
        return f"p {text}" if text.startswith("<") else f"p = {text}"

    @property
    def points(self) -> str:
        """`+7.2` percentage points; empty without a paired test."""
        return signed(self.comparison.difference) if self.comparison else ""

    @property
    def interval(self) -> str:
        """`[+2.2, +12.1]`, the uncorrected 95 % interval; empty without a paired test."""
        return bounds(self.comparison.low, self.comparison.high) if self.comparison else ""

    @property
    def sentence(self) -> str:
        """`+7.2 points [+2.2, +12.1], p = 0.003`; empty without a paired test."""
        return f"{self.points} points {self.interval}, {self.p}" if self.comparison else ""

    @property
    def shows_no_loss(self) -> bool:
        """Whether the two are tied even without Holm's correction.

        The correction makes ties more common, so a corrected tie is no basis for a recommendation.
        """
        uncorrected = self.comparison is None or self.comparison.p >= LEVEL
        return not self.significant and uncorrected


def entrant(combination: Combination) -> Entrant:
    """A combination with a result, over all its languages."""
    assert combination.error is not None
    return Entrant(combination.axes, combination.error, frozenset(combination.languages))


def entrant_in(combination: Combination, language: str) -> Entrant:
    """A combination in one language."""
    return Entrant(combination.axes, combination.languages[language], frozenset([language]))


def differences(
    roster: Roster | None, reference: Entrant, others: Sequence[Entrant]
) -> list[Difference]:
    """The difference of each of `others` to `reference`; all are one family for Holm's correction.

    Intervals decide, by overlap, if there is no roster or if two combinations cannot be paired in
    every language.
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
    return Difference(other.error.disjoint_from(reference.error), None)


def ranked_groups(
    roster: Roster | None, entrants: Sequence[Entrant], to_best: Sequence[Difference]
) -> list[int]:
    """The tie group, from 1, of each entrant; `entrants` are sorted, best first.

    `to_best` holds the differences of all other entrants to the first.
    """

    def differs(leader: int, other: int) -> bool:
        if leader == 0:
            return to_best[other - 1].significant
        # Comparisons stop at the first significant one, so the order that Holm's method needs is
        # unknown. Bonferroni's bound covers all comparisons that could have been made.
        possible = len(entrants) - 1 - leader
        first, second = entrants[leader], entrants[other]
        comparison = compare(roster, first.axes, second.axes) if roster else None
        difference = _difference(first, second, comparison)
        if difference.comparison is None:
            return difference.significant
        return difference.comparison.p * possible < LEVEL

    return tie_groups(len(entrants), differs)
