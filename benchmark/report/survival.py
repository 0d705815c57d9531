"""What each technique costs each method and each language, and whether methods differ in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.evidence.comparison import Comparison, compare_pairs
from benchmark.evidence.interaction import Interaction, corrected, interact
from benchmark.evidence.within import LEVEL, Roster, pairs_of, shared_noise
from benchmark.plan.members import WARM_START
from benchmark.report.findings import Finding
from benchmark.report.tables import UNCOMPRESSED, Row
from benchmark.report.verdicts import Verdicts
from benchmark.text.tables import bounds
from benchmark.text.words import listed, signed


@dataclass(frozen=True)
class Survival:
    """Losses in error rate, compressed less uncompressed, at the settings of the best combination.

    reference     the method that the others are compared with
    by_method     method -> compression -> interaction with the reference; that of the reference
                  with itself holds its own loss
    by_language   compression -> language -> loss of the best combination's model
    """

    reference: str
    compressions: tuple[str, ...]
    languages: tuple[str, ...]
    by_method: dict[str, dict[str, Interaction]]
    by_language: dict[str, dict[str, Comparison]]

    def told_apart(self, method: str, compression: str) -> bool:
        """Whether a method loses more or less than the reference."""
        return method != self.reference and self.by_method[method][compression].p_holm < LEVEL


def survive(verdicts: Verdicts) -> Survival | None:
    """None where utterances were not stored, or without an uncompressed and a compressed file.

    A method that recognises nothing has nothing to lose and is left out.
    """
    board, known, best = verdicts.board, verdicts.known, verdicts.board.best
    if best is None or known is None:
        return None
    plain = {
        row.axes["method"]: row
        for row in board.near(best, "method", "compression")
        if row.axes["compression"] == UNCOMPRESSED and row.usable
    }
    others = [name for name in board.values["compression"] if name != UNCOMPRESSED]
    if not plain or not others:
        return None
    reference = WARM_START if WARM_START in plain else next(iter(plain))
    by_method = _by_method(known, plain, plain[reference], others)
    shown = plain.get(best.axes["method"], plain[reference])
    by_language = {name: _by_language(known, shown, name) for name in others}
    kept = [name for name in others if by_language[name] and name in by_method[reference]]
    if not kept:
        return None
    return Survival(reference, tuple(kept), board.languages, by_method, by_language)


def _by_method(
    known: Roster, plain: dict[str, Row], reference: Row, compressions: Sequence[str]
) -> dict[str, dict[str, Interaction]]:
    asked = [(method, name) for name in compressions for method in plain]
    found = [
        interact(known, plain[method].axes, reference.axes, {"compression": name})
        for method, name in asked
    ]
    rivals = [i for i, (method, _) in enumerate(asked) if plain[method] is not reference]
    for i, one in zip(rivals, corrected([found[i] for i in rivals]), strict=True):
        found[i] = one
    table: dict[str, dict[str, Interaction]] = {method: {} for method in plain}
    for (method, name), one in zip(asked, found, strict=True):
        if one is not None:
            table[method][name] = one
    return table


def _by_language(known: Roster, row: Row, compression: str) -> dict[str, Comparison]:
    compressed = {**row.axes, "compression": compression}
    noise = shared_noise(known, row.axes, compressed)
    pairs = pairs_of(known, row.axes, compressed)
    names = dict.fromkeys(pair.axes["language"] for pair in pairs)
    return {
        name: compare_pairs({}, [p for p in pairs if p.axes["language"] == name], noise)
        for name in names
    }


def survival_findings(survival: Survival | None) -> list[Finding]:
    """Whether a start survives compression better than the reference, in a sentence."""
    if survival is None:
        return []
    apart, widest = [], 0.0
    count = 0
    for method, losses in survival.by_method.items():
        for name, one in losses.items():
            if method == survival.reference:
                continue
            count += 1
            widest = max(widest, one.high - one.low)  # an unknown width (NaN) leaves it
            if survival.told_apart(method, name):
                points = f"{signed(one.difference)} points {bounds(one.low, one.high)}"
                apart.append(f"{method} loses {points} to {name}")
    title = "Which start survives compression"
    if not count:
        return []
    text = (
        f"In {len(apart) or 'none'} of {count} comparisons a method loses otherwise to a "
        f"compression than {survival.reference} does"
    )
    text += f": {listed(apart)}, compared with it." if apart else "."
    if widest:
        text += f" Intervals of these differences are up to {100 * widest:.1f} points wide."
    return [Finding("result", title, text)]
