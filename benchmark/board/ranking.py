"""Ranks of a board as groups of combinations that are statistically tied."""

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
"""The most combinations that are compared in pairs, about 0.02 s each."""

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
    """The contenders of a board against the best of them, and the means to compare others.

    roster          what paired comparisons are made from; None where intervals decide
    unpaired        why nothing could be paired; empty where paired tests decide
    against_best    by key of a contender; the best and those over other languages are not there
    groups          tie group, from 1, by key of a contender over the languages of the best
    language_groups the same in each language; empty unless they were asked for
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
        """What the tests allow for training with another seed; None without tests or seeds."""
        return self.roster.noise if self.roster else None

    @property
    def tied(self) -> list[Combination]:
        """The contenders that are tied with the best, the best first."""
        rows = self.board.contenders
        rest = [c for c in rows[1:] if c.key in self.against_best]
        return rows[:1] + [c for c in rest if not self.against_best[c.key].significant]

    @property
    def detectable(self) -> tuple[float, float] | None:
        """Least and largest difference to the best that 80 % of repetitions would find."""
        comparisons = [d.comparison for d in self.against_best.values() if d.comparison]
        values = [c.detectable for c in comparisons if c.detectable > 0]  # neither 0 nor NaN
        return (min(values), max(values)) if values else None

    @property
    def rule(self) -> str:
        """When two combinations are tied, and how groups follow, in a few sentences."""
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
        """How the groups within a language are made, where that is not by `rule`."""
        if self.unpaired or self.languages_paired:
            return ""
        return (
            "Within a single language, groups go by whether 95 % intervals overlap, since there are"
            f" more than {MAX_PAIRED:,} combinations and languages to compare."
        )

    def family(self, reference: Combination, others: Sequence[Combination]) -> list[Difference]:
        """Each of `others` against `reference`; p-values are corrected for as many as there are."""
        return differences(self.roster, entrant(reference), list(map(entrant, others)))


def rank(board: Board, read_side: Callable[[], Side], by_language: bool = False) -> Ranking:
    """Compare every contender with the best one, in pairs of utterances where there are any.

    `read_side` gives the utterances of the board's cells; it may raise UserError or DataError,
    and then intervals decide. With `by_language` every language gets groups of its own.
    """
    own, side, unpaired = _paired(board, read_side)
    rows = board.contenders
    rows = [c for c in rows if c.languages.keys() == rows[0].languages.keys()]
    entrants = list(map(entrant, rows))
    to_best = differences(own, entrants[0], entrants[1:]) if entrants else []
    groups = ranked_groups(own, entrants, to_best)
    num_comparisons = len(board.combinations) * len(board.languages)
    languages_paired = side is not None and num_comparisons <= MAX_PAIRED
    language_groups = {}
    for language in board.languages if by_language else ():
        within = _roster_of(side, language) if side and languages_paired else None
        language_groups[language] = _groups_in(board, language, within)
    return Ranking(
        board=board,
        roster=own,
        unpaired=unpaired,
        against_best={c.key: d for c, d in zip(rows[1:], to_best, strict=True)},
        groups={c.key: group for c, group in zip(rows, groups, strict=True)},
        language_groups=language_groups,
        languages_paired=languages_paired,
    )


def _paired(board: Board, read_side: Callable[[], Side]) -> tuple[Roster | None, Side | None, str]:
    """What is compared over all languages, the utterances behind it, or why there is neither."""
    if len(board.combinations) > MAX_PAIRED:
        reason = f"more than {MAX_PAIRED:,} combinations are too many to be compared in pairs"
        return None, None, reason
    try:
        side = read_side()
        return build_roster(side.where({"language": list(board.languages)})), side, ""
    except (DataError, UserError) as error:
        return None, None, str(error)


def _roster_of(side: Side, language: str) -> Roster | None:
    try:
        return build_roster(side.where({"language": [language]}))
    except (DataError, UserError):
        return None


def _groups_in(board: Board, language: str, own: Roster | None) -> dict[Key, int]:
    """Tie groups of the combinations that are usable in a language, ceilings left out."""
    able = [c for c in board.combinations if language in c.usable_in and not c.ceiling]
    able.sort(key=lambda c: c.languages[language].rate)
    entrants = [entrant_in(c, language) for c in able]
    to_best = differences(own, entrants[0], entrants[1:]) if entrants else []
    groups = ranked_groups(own, entrants, to_best)
    return {c.key: group for c, group in zip(able, groups, strict=True)}
