"""Which combinations can be told apart, by the utterances that both transcribed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.errors import DataError, UserError
from benchmark.evidence.comparison import Comparison
from benchmark.evidence.side import side_of
from benchmark.evidence.within import LEVEL, Roster, compare_family, roster
from benchmark.report.load import Results
from benchmark.report.tables import Board, Row
from benchmark.statistics.noise import SeedNoise
from benchmark.statistics.ties import tie_groups
from benchmark.text.tables import bounds, probability
from benchmark.text.words import signed


@dataclass(frozen=True)
class Verdict:
    """A row against a reference row: is the difference more than chance?

    `found` is their paired comparison, positive where the row makes more errors; None where they
    could only be judged by the overlap of their intervals.
    """

    apart: bool
    found: Comparison | None

    @property
    def p(self) -> str:
        """`p = 0.003`, corrected for all comparisons of its family; empty without a test."""
        if self.found is None:
            return ""
        text = probability(self.found.p_holm)
        return f"p {text}" if text.startswith("<") else f"p = {text}"

    @property
    def difference(self) -> str:
        """`+7.2 points [+2.2, +12.1], p = 0.003`; empty without a test."""
        return f"{self.points} points {self.interval}, {self.p}" if self.found else ""

    @property
    def points(self) -> str:
        """`+7.2` percentage points."""
        return signed(self.found.difference) if self.found else ""

    @property
    def interval(self) -> str:
        """`[+2.2, +12.1]`, the 95 % interval of this difference alone."""
        return bounds(self.found.low, self.found.high) if self.found else ""

    @property
    def no_sign(self) -> bool:
        """Whether even without Holm's correction nothing tells the two apart.

        The correction makes "cannot be told apart" easier, so it must not serve to recommend.
        """
        return not self.apart and (self.found is None or self.found.p >= LEVEL)


@dataclass(frozen=True)
class Verdicts:
    """The rows of a board against the best, and the means to compare others.

    against_best  by key of a usable row; the best and rows over other languages are not there
    groups        tie group, from 1, by key; unusable rows and those over other languages than the
                  best have none
    unpaired      why nothing could be paired; empty where the utterances decide
    """

    board: Board
    known: Roster | None
    unpaired: str
    against_best: dict[tuple[str, ...], Verdict]
    groups: dict[tuple[str, ...], int]

    @property
    def noise(self) -> SeedNoise | None:
        """What training again changes, as a fraction of the error rate."""
        return self.known.noise if self.known else None

    def family(self, reference: Row, rows: Sequence[Row]) -> list[Verdict]:
        """Each row against `reference`; p-values are corrected for as many as there are."""
        return _family(self.known, reference, rows)

    def tied(self) -> list[Row]:
        """The usable rows that cannot be told apart from the best, the best first."""
        rows = self.board.contenders
        return rows[:1] + [r for r in rows[1:] if r.key in self.against_best and not self.apart(r)]

    def apart(self, row: Row) -> bool:
        """Whether `row` is told apart from the best."""
        verdict = self.against_best.get(row.key)
        return verdict is not None and verdict.apart

    def detectable(self) -> tuple[float, float] | None:
        """The least and greatest difference to the best that 80 % of repetitions would find."""
        found = [v.found.detectable for v in self.against_best.values() if v.found]
        found = [value for value in found if value > 0]  # neither 0 nor unknown (NaN)
        return (min(found), max(found)) if found else None


def judge(results: Results, board: Board) -> Verdicts:
    """Compare every usable row with the best, by utterances where `results` has them."""
    known, unpaired = None, ""
    try:
        side = side_of(results.run)
        known = roster(side.where({"language": list(board.languages)}))
    except (DataError, UserError) as error:
        unpaired = str(error)
    rows = board.contenders
    rows = [row for row in rows if row.languages.keys() == rows[0].languages.keys()]
    verdicts = _family(known, rows[0], rows[1:]) if rows else []

    def told_apart(leader: int, other: int) -> bool:
        if leader == 0:
            return verdicts[other - 1].apart
        # Asked one by one until the first is told apart, so Holm's order is not known:
        # Bonferroni's bound over all that might have been asked.
        (verdict,) = _family(known, rows[leader], [rows[other]])
        if verdict.found is None:
            return verdict.apart
        return verdict.found.p * (len(rows) - 1 - leader) < LEVEL

    groups = tie_groups(len(rows), told_apart)
    return Verdicts(
        board=board,
        known=known,
        unpaired=unpaired,
        against_best={row.key: v for row, v in zip(rows[1:], verdicts, strict=True)},
        groups={row.key: group for row, group in zip(rows, groups, strict=True)},
    )


def _family(known: Roster | None, reference: Row, rows: Sequence[Row]) -> list[Verdict]:
    nothing: list[Comparison | None] = [None] * len(rows)
    found = compare_family(known, reference.axes, [r.axes for r in rows]) if known else nothing
    return [_verdict(reference, row, one) for row, one in zip(rows, found, strict=True)]


def _verdict(reference: Row, row: Row, found: Comparison | None) -> Verdict:
    if found is not None and set(found.languages) == set(row.languages):
        return Verdict(found.p_holm < LEVEL, found)
    assert row.error is not None and reference.error is not None
    return Verdict(row.error.told_apart_from(reference.error), None)


def rule(verdicts: Verdicts) -> str:
    """How combinations are told apart, in two sentences."""
    if verdicts.unpaired:
        return (
            "Told apart means that two 95 % intervals do not overlap, which is stricter than it "
            "need be: the counts of single utterances, which would be compared in pairs, cannot "
            "be used here."
        )
    training = (
        "and for training again" if verdicts.noise else "but, with one seed, not for training"
    )
    return (
        f"Told apart means p < {LEVEL:g} in a paired comparison on the utterances that both "
        "transcribed, averaged over languages and seeds and allowing for other speakers "
        f"{training}; p is corrected by Holm's method for all comparisons of the finding or "
        "table. Each next tie group begins with the first that is told apart from the first of "
        "the group before it."
    )
