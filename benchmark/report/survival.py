"""What each compression costs each method and each language, and whether methods differ in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.board.combination import Combination
from benchmark.board.ranking import Ranking
from benchmark.evidence.comparison import Comparison, compare_pairs
from benchmark.evidence.interaction import Interaction, correct_family, interact
from benchmark.evidence.within import LEVEL, Roster, pairs_of, shared_noise
from benchmark.plan.members import WARM_START
from benchmark.report.sentences.finding import Finding
from benchmark.text.labels import UNCOMPRESSED
from benchmark.text.tables import bounds
from benchmark.text.words import listed, signed


@dataclass(frozen=True)
class Survival:
    """Losses in error rate by compression, at the other settings of the best combination.

    reference     the method that the others are compared with
    by_method     method -> compression -> interaction with the reference; the reference has one
                  with itself, which holds its own loss
    by_language   compression -> language -> loss of the best combination's model
    """

    reference: str
    compressions: tuple[str, ...]
    languages: tuple[str, ...]
    by_method: dict[str, dict[str, Interaction]]
    by_language: dict[str, dict[str, Comparison]]

    def differs(self, method: str, compression: str) -> bool:
        """Whether a method loses significantly more or less than the reference."""
        return method != self.reference and self.by_method[method][compression].p_holm < LEVEL


def survive(ranking: Ranking) -> Survival | None:
    """None where utterances were not stored, or without an uncompressed and a compressed file.

    A method that recognises nothing has nothing to lose and is left out, and so is a ceiling.
    """
    board, roster, best = ranking.board, ranking.roster, ranking.board.best
    if best is None or roster is None:
        return None
    plain = {
        row.axes["method"]: row
        for row in board.near(best, "method", "compression")
        if row.axes["compression"] == UNCOMPRESSED and row.competes
    }
    others = [name for name in board.values["compression"] if name != UNCOMPRESSED]
    if not plain or not others:
        return None
    reference = WARM_START if WARM_START in plain else next(iter(plain))
    by_method = _by_method(roster, plain, plain[reference], others)
    shown = plain.get(best.axes["method"], plain[reference])
    by_language = {name: _by_language(roster, shown, name) for name in others}
    kept = [name for name in others if by_language[name] and name in by_method[reference]]
    if not kept:
        return None
    return Survival(reference, tuple(kept), board.languages, by_method, by_language)


def _by_method(
    roster: Roster,
    plain: dict[str, Combination],
    reference: Combination,
    compressions: Sequence[str],
) -> dict[str, dict[str, Interaction]]:
    places = [(method, name) for name in compressions for method in plain]
    interactions = [
        interact(roster, plain[method].axes, reference.axes, {"compression": name})
        for method, name in places
    ]
    rivals = [i for i, (method, _) in enumerate(places) if plain[method] is not reference]
    for i, adjusted in zip(rivals, correct_family([interactions[i] for i in rivals]), strict=True):
        interactions[i] = adjusted
    table: dict[str, dict[str, Interaction]] = {method: {} for method in plain}
    for (method, name), interaction in zip(places, interactions, strict=True):
        if interaction is not None:
            table[method][name] = interaction
    return table


def _by_language(roster: Roster, row: Combination, compression: str) -> dict[str, Comparison]:
    compressed = {**row.axes, "compression": compression}
    noise = shared_noise(roster, row.axes, compressed)
    pairs = pairs_of(roster, row.axes, compressed)
    names = dict.fromkeys(pair.axes["language"] for pair in pairs)
    return {
        name: compare_pairs({}, [p for p in pairs if p.axes["language"] == name], noise)
        for name in names
    }


def survival_findings(survival: Survival | None) -> list[Finding]:
    """Whether a method survives compression better or worse than the reference, in a sentence."""
    if survival is None:
        return []
    different, widest = [], 0.0
    count = 0
    for method, losses in survival.by_method.items():
        for name, loss in losses.items():
            if method == survival.reference:
                continue
            count += 1
            widest = max(widest, loss.high - loss.low)  # an unknown width (NaN) leaves it
            if survival.differs(method, name):
                points = f"{signed(loss.difference)} points {bounds(loss.low, loss.high)}"
                different.append(f"{method} with {name} ({points})")
    if not count:
        return []
    if different:
        text = (
            f"The loss to compression differs significantly from that of {survival.reference} in"
            f" {len(different)} of {count} comparisons: {listed(different)}."
        )
    else:
        text = (
            "No method reacts to compression significantly differently from"
            f" {survival.reference} (0 of {count} comparisons)."
        )
    if widest:
        text += f" Intervals of these differences are up to {100 * widest:.1f} points wide."
    return [Finding("result", "Methods under compression", text)]
