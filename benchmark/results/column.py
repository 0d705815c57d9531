"""What a column of a table is: its name, type and meaning, and what its values may be.

Results come from other people's machines. A value that no run can have written is refused where it
is read, so that nothing behind the reader has to expect it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from benchmark.errors import UserError

Text = Literal["name", "key", "words", "raw"]
"""How a text is kept: a `name` is short and printable, a `key` may also name a folder, of `words`
what is not printable is replaced, and what is `raw` stays as it is."""

LARGEST = 1e30
"""No run counts or measures more than this."""

LARGEST_COUNT = 2.0**53
"""Whole numbers to here are exact where they are computed with."""

LONGEST_NAME = 300


@dataclass(frozen=True)
class Column:
    """One column. Readers, writers, published rows and the documentation derive from it.

    dtype       that of pandas: string, Int64, float64 or boolean
    meaning     what it says, in a few words
    unit        of its numbers
    stage       the kind of stage that its value comes from; empty where the plan knows it
    computed    it is not one of the facts of that stage, but made from them
    varies      it differs between repetitions of the same cell
    axis        it names a value on an axis of the matrix
    recorded    records.parquet has it
    published   rows of a published board have it, behind `published_after` where that is not the
                column declared before it
    in_csv      leaderboard.csv of a published board has it
    cost        the report shows its median over the cells of a combination: on its page alone, or
                in its leaderboard.csv, too
    required    no row may lack it
    choices     the only texts that it may hold; any where there are none
    low, high   the range of its numbers, both included
    text        how its texts are kept
    json        the shape of its texts, which are JSON
    """

    name: str
    dtype: str
    meaning: str = ""
    unit: str = ""
    stage: str = ""
    computed: bool = False
    varies: bool = False
    axis: bool = False
    recorded: bool = True
    published: bool = True
    published_after: str = ""
    in_csv: bool = True
    cost: Literal["", "page", "csv"] = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = LARGEST
    text: Text = "raw"
    json: TypeAdapter[Any] | None = None


Columns = Mapping[str, Column]


def by_name(columns: Iterable[Column]) -> dict[str, Column]:
    """Columns by name. Raises UserError where two have one name: metrics of plug-ins may."""
    found: dict[str, Column] = {}
    for column in columns:
        if column.name in found:
            raise UserError(f"two columns of results are called {column.name!r}; rename the metric")
        found[column.name] = column
    return found


def dtypes(columns: Columns) -> dict[str, str]:
    """The type of each column as pandas names it."""
    return {name: column.dtype for name, column in columns.items()}


def text(name: str, meaning: str = "", **more: Any) -> Column:
    """A text of any length."""
    return Column(name, "string", meaning, **more)


def label(name: str, meaning: str = "", **more: Any) -> Column:
    """A short, printable text."""
    return Column(name, "string", meaning, text="name", **more)


def flag(name: str, meaning: str = "", **more: Any) -> Column:
    """True, false, or unknown."""
    return Column(name, "boolean", meaning, **more)


def count(name: str, meaning: str = "", unit: str = "", **more: Any) -> Column:
    """A whole number that is not negative."""
    return Column(name, "Int64", meaning, unit, **{"high": LARGEST_COUNT, **more})


def integer(name: str, meaning: str = "", **more: Any) -> Column:
    """Any whole number: it names something, and nothing is counted."""
    return Column(name, "Int64", meaning, low=-(2.0**63), high=2.0**63, **more)


def measurement(name: str, meaning: str = "", unit: str = "", **more: Any) -> Column:
    """A number that is not negative."""
    return Column(name, "float64", meaning, unit, **more)


def share(name: str, meaning: str = "", **more: Any) -> Column:
    """A fraction from 0 to 1."""
    return Column(name, "float64", meaning, "fraction", high=1.0, **more)


def rate(name: str, meaning: str = "", **more: Any) -> Column:
    """Errors per unit of what was said, as a fraction: insertions can drive it above 1."""
    return Column(name, "float64", meaning, "fraction", high=1e6, **more)


def rate_with_interval(name: str, meaning: str, **more: Any) -> tuple[Column, Column, Column]:
    """An error rate and the ends of its interval."""
    return (
        rate(name, meaning, **more),
        rate(f"{name}_low", "lower end of its 95 % interval", **more),
        rate(f"{name}_high", "upper end", **more),
    )
