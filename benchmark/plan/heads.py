"""The output layer for a new language, as an axis.

`union` and `bytes` keep the units that were learnt; the others replace them, the same way for
every method, and differ in the rows that the fresh head starts from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmark.data.vocabulary import Units
from benchmark.methods.base import Head
from benchmark.suite.matrix import Cell

Rows = Literal["random", "mean", "dealt"]


@dataclass(frozen=True)
class Output:
    """What a label of the axis stands for; `rows` is how a fresh head begins."""

    head: Head
    rows: Rows | None = None


HEADS: dict[str, Output] = {
    "union": Output("union"),
    "fresh": Output("fresh", "random"),
    "fresh_mean": Output("fresh", "mean"),
    "fresh_dealt": Output("fresh", "dealt"),
    "bytes": Output("bytes"),
}


def units(cell: Cell) -> Units:
    """What the network of a cell puts out."""
    return "bytes" if HEADS[cell.head].head == "bytes" else cell.model.member.units


def impossible(cell: Cell) -> str | None:
    """Why a cell cannot have its head, if it cannot."""
    head = HEADS[cell.head].head
    if head == "bytes" and cell.model.member.units == "words":
        return f"{cell.model.label} chooses among words and spells no bytes"
    reason = cell.method.member.unsupported_heads.get(head)
    return f"{cell.method.label} with head {cell.head}: {reason}" if reason else None
