"""Which combinations of a board can be told apart: by paired tests, as in a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from benchmark.errors import DataError, UserError
from benchmark.evidence.side import Side, side_of
from benchmark.evidence.within import LEVEL, Roster, compare, compare_family, roster
from benchmark.publish.merge import Merged
from benchmark.statistics.estimate import Estimate
from benchmark.statistics.ties import tie_groups

MAX_PAIRED = 1000
"""Most combinations times languages that are tested in pairs, about 0.02 s each."""

PAIRED = (
    f"a paired test on the utterances that both transcribed gives p of {LEVEL:g} or more, corrected"
    " for all comparisons with it."
)
OVERLAP = "their 95 % intervals overlap, which is stricter than a paired test."

Axes = Mapping[str, str]
Rankers = dict[str | None, "Ranker"]


class Ranker:
    """Tie groups of combinations, over all languages or in one of them."""

    def __init__(self, known: Roster | None) -> None:
        self._known = known

    @property
    def rule(self) -> str:
        """When two combinations share a group, to follow "A group holds what cannot be told apart
        from its first:"."""
        return OVERLAP if self._known is None else PAIRED

    def groups(self, errors: Sequence[Estimate | None], axes: Sequence[Axes]) -> list[int | None]:
        """The group, from 1, of each combination; None where its error is None."""
        ranked = sorted(
            ((error, place) for place, error in enumerate(errors) if error is not None),
            key=lambda pair: pair[0].rate,
        )
        told_apart = self._told_apart([e for e, _ in ranked], [axes[place] for _, place in ranked])
        found: list[int | None] = [None] * len(errors)
        for (_, place), group in zip(ranked, tie_groups(len(ranked), told_apart), strict=True):
            found[place] = group
        return found

    def _told_apart(
        self, errors: Sequence[Estimate], axes: Sequence[Axes]
    ) -> Callable[[int, int], bool]:
        known = self._known
        if known is None or not axes:
            return lambda a, b: errors[a].told_apart_from(errors[b])
        with_best = compare_family(known, axes[0], axes[1:])

        def paired(leader: int, other: int) -> bool:
            found = compare(known, axes[leader], axes[other]) if leader else with_best[other - 1]
            if found is None:
                return errors[leader].told_apart_from(errors[other])
            # Only with the best are all comparisons made, and Holm's order known; Bonferroni's
            # bound over all that might be asked serves for the others.
            asked = len(axes) - 1 - leader
            return (found.p * asked if leader else found.p_holm) < LEVEL

        return paired


def rankers(merged: Merged, num_combinations: int) -> Rankers:
    """A ranker for each language, and under None that for all of them.

    They go by intervals where the board is large, or utterances cannot be paired.
    """
    languages = [str(language) for language in dict.fromkeys(merged.records["language"])]
    known: dict[str | None, Roster | None] = dict.fromkeys([None, *languages])
    if num_combinations * len(languages) <= MAX_PAIRED:
        try:
            side = _side(merged)
            known = {None: roster(side)}
            known |= {name: roster(side.where({"language": [name]})) for name in languages}
        except (DataError, UserError):
            known = dict.fromkeys([None, *languages])
    return {language: Ranker(one) for language, one in known.items()}


def _side(merged: Merged) -> Side:
    """The cells of all folders as one side of a comparison, each from the folder it is kept of."""
    records: list[pd.DataFrame] = []
    counts: dict[str, pd.DataFrame] = {}
    for index, folder in enumerate(merged.folders):
        side = side_of(folder.run)
        kept = set(merged.records.loc[merged.records["source"] == index, "cell"])
        records.append(side.records[side.records["cell"].isin(kept)])
        counts |= {cell: table for cell, table in side.counts.items() if cell in kept}
    return Side(merged.name, pd.concat(records, ignore_index=True), counts, None)
