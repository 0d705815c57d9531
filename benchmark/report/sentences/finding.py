"""A finding, and how a combination is put against another in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmark.board.combination import Combination
from benchmark.board.difference import Difference
from benchmark.text.words import percent, rate, signed


@dataclass(frozen=True)
class Finding:
    """One sentence or two; `kind` says how loudly to show it."""

    kind: Literal["result", "warning"]
    title: str
    text: str


def against(
    name: str, combination: Combination, reference: Combination, difference: Difference
) -> str:
    """`maml (69.0 %; +3.4 points [-3.4, +10.2], p = 0.4)`."""
    assert combination.error is not None and reference.error is not None
    if difference.comparison:
        return f"{name} ({percent(combination.error.rate)} %; {difference.sentence})"
    points = signed(combination.error.rate - reference.error.rate)
    return f"{name} ({rate(combination.error)}; {points} points)"
