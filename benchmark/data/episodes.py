"""Support sets: the utterances that adaptation may use."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from benchmark.data.base import Utterance
from benchmark.errors import DataError, UserError, shown

SECONDS = {"s": 1, "min": 60, "h": 3600}


@dataclass(frozen=True)
class Shots:
    """The size of a support set: a number of utterances or of seconds."""

    amount: float
    unit: str

    @classmethod
    def parse(cls, written: int | str) -> Shots:
        """Shots from `20`, `30s`, `10min` or `1h`.

        Raises UserError for anything else, and for `0`.
        """
        match = re.fullmatch(r"(\d+)|(\d+(?:\.\d+)?) ?(s|min|h)", str(written).strip())
        amount = float(match[1] or match[2]) if match else 0.0
        if not match or not amount:
            raise UserError(
                f"shots: {shown(written)} is neither a number of utterances (20) nor a duration "
                "(30s, 10min, 1h)"
            )
        return cls(amount, match[3] or "utterances")

    def __str__(self) -> str:
        return f"{self.amount:g}" + ("" if self.unit == "utterances" else self.unit)


def draw_support(utterances: Sequence[Utterance], shots: Shots, draw: int) -> list[str]:
    """The uids of support set number `draw` from the pool `utterances` of one language.

    The order of the pool does not matter. Support sets of one draw are nested: a larger one
    contains the smaller ones. The last utterance of a duration may exceed it. Raises DataError if
    the pool is too small, with its size.
    """
    ranked = sorted(utterances, key=lambda utterance: _rank(utterance, draw))
    by_number = shots.unit == "utterances"
    costs = [1.0 if by_number else utterance.duration for utterance in ranked]
    wanted = shots.amount * (1 if by_number else SECONDS[shots.unit])
    for chosen, total in enumerate(accumulate(costs), start=1):
        if total >= wanted:
            return [utterance.uid for utterance in ranked[:chosen]]
    language = ranked[0].language if ranked else "the language"
    seconds = sum(utterance.duration for utterance in ranked)
    raise DataError(
        f"shots: {shots} are more than the training split of {language} has: "
        f"{len(ranked)} utterances, {seconds:.0f} s"
    )


def _rank(utterance: Utterance, draw: int) -> str:
    identity = f"{utterance.language}\n{draw}\n{utterance.uid}"
    return hashlib.sha256(identity.encode()).hexdigest()
