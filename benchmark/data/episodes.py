"""Support sets of an episode: which utterances a model may adapt on."""

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
    """How much target speech adaptation may use: a number of utterances or of seconds."""

    amount: float
    unit: str

    @classmethod
    def parse(cls, written: int | str) -> Shots:
        """Shots from `20`, `30s`, `10min` or `1h`.

        Raises UserError for anything else, and for nothing at all (`0`).
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
    """The uids of the support set number `draw` out of the pool `utterances` of one language.

    The order of the pool does not matter. Support sets of one draw are nested: more shots contain
    fewer. A duration is reached by the last utterance, which may exceed it.
    Raises DataError when the pool is too small, saying how much it holds.
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
        f"shots: {shots} are more than {language} has to adapt on: "
        f"{len(ranked)} utterances, {seconds:.0f} s"
    )


def _rank(utterance: Utterance, draw: int) -> str:
    identity = f"{utterance.language}\n{draw}\n{utterance.uid}"
    return hashlib.sha256(identity.encode()).hexdigest()
