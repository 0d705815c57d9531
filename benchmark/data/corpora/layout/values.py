"""Values of a column as text: strings are unchanged, and other types are not converted."""

from __future__ import annotations

import re
from typing import Any

from benchmark.data.corpora.layout.formats.base import Table
from benchmark.errors import DataError

INTEGERS = frozenset({"speaker", "id"})
"""Roles whose values may also be integers."""

LINE_BREAK = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
"""All line breaks of Unicode."""


def check_type(table: Table, column: str, role: str) -> None:
    """Raises DataError for a column whose type is not text.

    Speakers and ids may be integers.
    """
    kind = table.type_of(column)
    if kind.holds == "other" or (kind.holds == "integer" and role not in INTEGERS):
        raise _no_text(f"{table.path}", column, role, kind.name)


def as_text(value: Any, table: Table, number: int, column: str, role: str) -> str | None:
    """A value as text; None if it is missing: null, an empty string, or NaN.

    Raises DataError for a value of another type, with row, column and type.
    """
    if value is None or value == "" or (isinstance(value, float) and value != value):
        return None
    place = f"{table.path}, {table.unit} {number}"
    if role in INTEGERS and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise _no_text(place, column, role, f"{_shown(value)} ({type(value).__name__})")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise DataError(f"{place}: {column} is not text: half a surrogate pair") from None
    if table.one_line and LINE_BREAK.search(value):
        raise DataError(
            f"{place}: {column} spans a line break: {_shown(value)}; is a quote missing?"
        )
    return value


def has_line_break(text: str) -> bool:
    """Whether a text has more than one line; breaks at its ends are ignored."""
    return LINE_BREAK.search(text.strip()) is not None


def _no_text(place: str, column: str, role: str, what: str) -> DataError:
    allowed = "text or an integer" if role in INTEGERS else "text"
    return DataError(f"{place}: column {column!r} ({role}) holds {what}; {allowed} is read")


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."
