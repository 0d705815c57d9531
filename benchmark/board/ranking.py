"""The ranking of a board: groups of statistically tied combinations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmark.board.board import Board
from benchmark.board.combination import Combination, Key
from benchmark.board.difference import (
    Difference,
    differences,
    entrant,
    entrant_in,
    ranked_groups,
)
from benchmark.errors import DataError, UserError
from benchmark.evidence.side import Side
from benchmark.evidence.within import LEVEL, Roster, build_roster
from benchmark.statistics.noise import SeedNoise

MAX_PAIRED = 2000
"""The most combinations for paired comparisons, which take about 0.02 s each."""

GROUPS = (
    "A new tie group starts at the first combination that is significantly worse than the leader of"
    " the group before it."
)
OVERLAP = (
    "Two combinations differ significantly if their 95 % intervals do not overlap, and are"
    " statistically tied otherwise. This is stricter than a paired test."
)


@dataclass(frozen=True)
class Ranking:
    """The contenders of a board compared with the best one.

    roster            the results for paired comparisons; None if intervals decide
    unpaired          why nothing could be paired; empty if paired tests decide
    against_best      differences by key of a contender, without the best one itself and without
                      contenders that have other languages
    groups            tie group, from 1, by key of a contender with the same languages as the best
    language_groups   tie groups within each language; empty unless requested
    languages_paired  whether groups within a language rest on paired tests
    """

    board: Board
    roster: Roster | None
    unpaired: str
    against_best: dict[Key, Difference]
    groups: dict[Key, int]
    language_groups: dict[str, dict[Key, int]]
    languages_paired: bool

    @property
    def noise(self) -> SeedNoise | None:
        """The seed noise in the tests; None without paired tests or without several seeds."""
        return self.roster.noise if self.roster else None

    @property
    def tied(self) -> list[Combination]:
        """The best contender, then the contenders that are tied with it."""
        rows = self.board.contenders
        rest = [c for c in rows[1:] if c.key in self.against_best]
        return rows[:1] + [c for c in rest if not self.against_best[c.key].significant]

    @property
    def detectable(self) -> tuple[float, float] | None:
        """The smallest and largest difference to the best that is detectable with 80 % power."""
        comparisons = [d.comparison for d in self.against_best.values() if d.comparison]
        values = [c.detectable for c in comparisons if c.detectable > 0]  # neither 0 nor NaN
        return (min(values), max(values)) if values else None

    @property
    def rule(self) -> str:
        """The definition of ties and tie groups, in a few sentences."""
        if self.unpaired:
            return f"{OVERLAP} {GROUPS}"
        training = (
            "other speakers and for training with other seeds"
            if self.noise
            else "other speakers but, with one seed each, not for training with other seeds"
        )
        return (
            f"Two combinations differ significantly if p < {LEVEL:g} in a paired test on the"
            " utterances that both transcribed, and are statistically tied otherwise. The test"
            f" averages over languages and seeds and allows for {training}. p is corrected by"
            f" Holm's method for all comparisons of a finding or table. {GROUPS}"
        )

    @property
    def language_rule(self) -> str:
        """The definition of tie groups within a language, if it differs from `rule`."""
        if self.unpaired or self.languages_paired:
            return ""
        return (
            "Within a single language, tie groups are based on the overlap of 95 % intervals, since"
            f" more than {MAX_PAIRED:,} pairs of combination and language are too many for tests."
        )

    def family(self, reference: Combination, others: Sequence[Combination]) -> list[Difference]:
        """The difference of each of `others` to `reference`, corrected as one family."""
        return differences(self.roster, entrant(reference), list(map(entrant, others)))


def rank(board: Board, read_side: Callable[[], Side], by_language: bool = False) -> Ranking:
    """Compare every contender with the best one, by paired tests if possible.

    `read_side` reads the utterances of the board's cells. If it raises UserError or DataError,
    intervals decide. With `by_language` every language gets its own tie groups.
    """
    roster, side, unpaired = _read_roster(board, read_side)
    rows = board.contenders
    rows = [c for c in rows if c.languages.keys() == rows[0].languages.keys()]
    entrants = list(map(entrant, rows))
    to_best = differences(roster, entrants[0], entrants[1:]) if entrants else []
    groups = ranked_groups(roster, entrants, to_best)
    num_comparisons = len(board.combinations) * len(board.languages)
    languages_paired = side is not None and num_comparisons <= MAX_PAIRED
    language_groups = {}
    for language in board.languages if by_language else ():
        own = _language_roster(side, language) if side and languages_paired else None
        language_groups[language] = _groups_in(board, language, own)
    return Ranking(
        board=board,
        roster=roster,
        unpaired=unpaired,
        against_best={c.key: d for c, d in zip(rows[1:], to_best, strict=True)},
        groups={c.key: group for c, group in zip(rows, groups, strict=True)},
        language_groups=language_groups,
        languages_paired=languages_paired,
    )


def _read_roster(
    board: Board, read_side: Callable[[], Side]
) -> tuple[Roster | None, Side | None, str]:
    """The roster over all languages and its side, or the reason why there is neither."""
    if len(board.combinations) > MAX_PAIRED:
        reason = f"more than {MAX_PAIRED:,} combinations are too many for paired tests"
        return None, None, reason
    try:
        side = read_side()
        return build_roster(side.where({"language": list(board.languages)})), side, ""
    except (DataError, UserError) as error:
        return None, None, str(error)


def _language_roster(side: Side, language: str) -> Roster | None:
    try:
        return build_roster(side.where({"language": [language]}))
    except (DataError, UserError):
        return None


def _groups_in(board: Board, language: str, roster: Roster | None) -> dict[Key, int]:
    """Tie groups of the combinations that are usable in a language, without ceilings."""
    usable = [c for c in board.combinations if language in c.usable_in and not c.ceiling]
    usable.sort(key=lambda c: c.languages[language].rate)
    entrants = [entrant_in(c, language) for c in usable]
    to_best = differences(roster, entrants[0], entrants[1:]) if entrants else []
    groups = ranked_groups(roster, entrants, to_best)
    return {c.key: group for c, group in zip(usable, groups, strict=True)}
