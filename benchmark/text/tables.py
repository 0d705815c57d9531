"""Numbers and tables as text, the same in the terminal and in Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from benchmark.text.escape import escaped

NO_INTERVAL = "[too few utterances]"
"""What stands where an interval would."""


@dataclass(frozen=True)
class TextTable:
    """A small table of texts."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def terminal(self) -> Table:
        """For a rich console; nothing in it is taken for markup."""
        table = Table(*self.columns)
        for row in self.rows:
            table.add_row(*map(Text, row))
        return table

    def markdown(self) -> str:
        """A table of GitHub's Markdown, cells escaped."""
        lines = [self.columns, ("---",) * len(self.columns), *self.rows]
        return "\n".join("| " + " | ".join(map(escaped, line)) + " |" for line in lines)


def points(value: float, low: float, high: float) -> str:
    """A difference of rates in percentage points with its interval, where there is one."""
    return f"{100 * value:+.1f} {bounds(low, high)}"


def bounds(low: float, high: float) -> str:
    """`[-3.4, +10.2]` in percentage points."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return NO_INTERVAL
    return f"[{100 * low:+.1f}, {100 * high:+.1f}]"


def percent(value: float, low: float, high: float) -> str:
    """A relative difference with its interval; `-` where there is none."""
    if math.isnan(value):
        return "-"
    if not (math.isfinite(low) and math.isfinite(high)):
        return f"{value:+.1%} {NO_INTERVAL}"
    return f"{value:+.1%} [{low:+.1%}, {high:+.1%}]"


def probability(p: float) -> str:
    """A p-value to two digits; `-` where there is none."""
    if math.isnan(p):
        return "-"
    return f"{p:.2g}" if p >= 1e-4 else "< 1e-4"


def varying(axes: Sequence[dict[str, str]]) -> list[str]:
    """The axes that tell rows apart, `method` and `compression` in any case."""
    names: Iterable[str] = axes[0] if axes else ()
    always = ("method", "compression")
    return [a for a in names if a in always or len({row[a] for row in axes}) > 1]
