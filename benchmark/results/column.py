"""The definition of a table's column: name, type, meaning and valid values.

Results may come from other people's machines. The reader refuses values that no run can have
written, so the rest of the code need not check them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from benchmark.errors import UserError

Text = Literal["name", "key", "words", "raw"]
"""The kind of a text. A `name` is short and printable, and a `key` can also name a folder. In
`words` unprintable characters are replaced. A `raw` text is kept unchanged."""

LARGEST = 1e30
"""The largest valid number."""

LARGEST_COUNT = 2.0**53
"""The largest valid count: larger whole numbers are not exact in floating point."""

LONGEST_NAME = 300


@dataclass(frozen=True)
class Column:
    """One column. Readers, writers, published rows and the documentation derive from it.

    dtype            pandas type: string, Int64, float64 or boolean
    meaning          description in a few words
    unit             of its numbers
    stage            the kind of stage that its value comes from; empty if it comes from the plan
    computed         its value is computed from facts of that stage, and is not one of them
    varies           its value differs between repetitions of the same cell
    axis             it holds the value of an axis of the matrix
    recorded         records.parquet has it
    published        rows of a published board have it
    published_after  the column before it in published rows; empty for the declared order
    in_csv           leaderboard.csv of a published board has it
    cost             the report shows its median over the cells of a combination: `page` on the page
                     only, `csv` also in leaderboard.csv
    required         no row may lack it
    choices          the valid texts; empty if all are valid
    low, high        the range of its numbers, both inclusive
    text             the kind of its texts
    json             the schema of its texts, if they are JSON
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
    """Columns by name. Raises UserError if two have the same name, as metrics of plug-ins may."""
    named: dict[str, Column] = {}
    for column in columns:
        if column.name in named:
            raise UserError(f"two columns of results are called {column.name!r}; rename the metric")
        named[column.name] = column
    return named


def dtypes(columns: Columns) -> dict[str, str]:
    """The pandas type of each column."""
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
    """A non-negative whole number."""
    return Column(name, "Int64", meaning, unit, **{"high": LARGEST_COUNT, **more})


def integer(name: str, meaning: str = "", **more: Any) -> Column:
    """Any whole number that is an identifier, not a count."""
    return Column(name, "Int64", meaning, low=-(2.0**63), high=2.0**63, **more)


def measurement(name: str, meaning: str = "", unit: str = "", **more: Any) -> Column:
    """A non-negative number."""
    return Column(name, "float64", meaning, unit, **more)


def share(name: str, meaning: str = "", **more: Any) -> Column:
    """A fraction from 0 to 1."""
    return Column(name, "float64", meaning, "fraction", high=1.0, **more)


def rate(name: str, meaning: str = "", **more: Any) -> Column:
    """An error rate as a fraction of the reference length. Insertions can raise it above 1."""
    return Column(name, "float64", meaning, "fraction", high=1e6, **more)


def rate_with_interval(name: str, meaning: str, **more: Any) -> tuple[Column, Column, Column]:
    """An error rate and both ends of its interval."""
    return (
        rate(name, meaning, **more),
        rate(f"{name}_low", "lower end of its 95 % interval", **more),
        rate(f"{name}_high", "upper end", **more),
    )
