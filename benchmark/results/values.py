"""Checks the values of a column, vectorised, and reports the first invalid one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from benchmark.errors import DataError, shown
from benchmark.results.column import LONGEST_NAME, Column

CONTROL = r"[\x00-\x1f\x7f-\x9f\x{2028}\x{2029}\x{202a}-\x{202e}\x{2066}-\x{2069}]"
"""Characters that no name may hold: they move the cursor, end a line or change text direction."""

UNPRINTABLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\x{202a}-\x{202e}\x{2066}-\x{2069}]"
"""The same without tabs and line ends, which texts of several lines may hold."""

KEY = r"^[^./\\\x00-\x1f\x7f-\x9f][^/\\\x00-\x1f\x7f-\x9f]{0,299}$"
"""A valid name for the folder of a stage. It cannot lead to another folder."""

KINDS = {
    "string": "text",
    "Int64": "whole numbers",
    "float64": "numbers",
    "boolean": "true or false",
}
ARROW = {
    "string": pa.string(),
    "Int64": pa.int64(),
    "float64": pa.float64(),
    "boolean": pa.bool_(),
}


class Place(NamedTuple):
    """The file and name of a column. Rows are counted from `first`, or not at all if it is None."""

    path: Path
    name: str
    first: int | None = 1

    def refuse(self, row: int | None, what: str) -> DataError:
        """The error for an invalid value; it names file, column and row in one line."""
        at = f", row {row + self.first}" if row is not None and self.first is not None else ""
        return DataError(f"{self.path}: column {self.name}{at}: {what}")


def reason(text: str, most: int = 140) -> str:
    """The beginning of a library's error message on one line, as part of a message."""
    return repr(" ".join(text[: 2 * most].split())[:most])[1:-1]


def check_values(values: pa.ChunkedArray, column: Column, place: Place) -> pa.ChunkedArray:
    """Convert values to the type of their column and check them; absent values are null.

    Raises DataError for a wrong type, and for the first invalid value.
    """
    values = _convert(values, column, place)
    if column.required and values.null_count:
        raise place.refuse(_first(pc.is_null(values)), "it is empty")
    if column.dtype == "string":
        return _check_texts(values, column, place)
    if column.dtype != "boolean":
        _check_range(values, column, place)
    return values


def _convert(values: pa.ChunkedArray, column: Column, place: Place) -> pa.ChunkedArray:
    """Convert values to the type of their column.

    Older versions wrote whole numbers as floats, and numbers in columns that now hold names.
    """
    try:
        values.validate(full=True)
    except pa.ArrowInvalid:
        raise place.refuse(None, "it holds bytes that are not valid text") from None
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    kind, target = values.type, ARROW[column.dtype]
    if pa.types.is_floating(kind):
        values = values.cast(pa.float64())
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, pa.float64()), values)
    if not _fits(kind, column.dtype):
        description = _describe(kind)
        raise place.refuse(None, f"it holds {description}, not {KINDS[column.dtype]}")
    if pa.types.is_floating(kind) and column.dtype in ("Int64", "string"):
        broken = pc.fill_null(pc.not_equal(pc.floor(values), values), False)
        large = pc.fill_null(pc.greater_equal(pc.abs(values), 2.0**63), False)
        if (row := _first(pc.or_(broken, large))) is not None:
            raise place.refuse(row, f"{values[row].as_py():g} is not a whole number")
        values = values.cast(pa.int64())
    try:
        return values.cast(target)
    except pa.ArrowInvalid:
        raise place.refuse(None, f"it holds numbers outside the range of {target}") from None


def _fits(kind: pa.DataType, dtype: str) -> bool:
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if pa.types.is_null(kind):
        return True
    if dtype == "boolean":
        return bool(pa.types.is_boolean(kind))
    return bool(number or (text and dtype == "string"))


def _describe(kind: pa.DataType) -> str:
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text"
    if pa.types.is_boolean(kind):
        return "true or false"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return "numbers"
    return f"values of type {str(kind)[:40]}"


def _check_range(values: pa.ChunkedArray, column: Column, place: Place) -> None:
    low: float = column.low
    high: float = column.high
    if column.dtype == "Int64":  # Arrow cannot compare large integers with floats
        low, high = max(int(low), -(2**63)), min(int(high), 2**63 - 1)
    outside = pc.or_(pc.less(values, low), pc.greater(values, high))
    if (row := _first(pc.fill_null(outside, False))) is not None:
        value = values[row].as_py()
        limit = f"below {column.low:g}" if value < column.low else f"above {column.high:g}"
        raise place.refuse(row, f"{value:g} is {limit}")


def _check_texts(values: pa.ChunkedArray, column: Column, place: Place) -> pa.ChunkedArray:
    if column.choices:
        unknown = pc.invert(pc.is_in(values, pa.array(column.choices)))
        # Some older files hold an empty text in place of an absent one.
        unknown = pc.and_(pc.fill_null(pc.not_equal(values, ""), False), unknown)
        if (row := _first(unknown)) is not None:
            text = shown(values[row].as_py())
            raise place.refuse(row, f"{text} is none of {', '.join(column.choices)}")
    if column.text == "words":
        return pc.replace_substring_regex(values, UNPRINTABLE, "\ufffd")
    if column.text in ("name", "key"):
        _check_names(values, column, place)
    return values


def _check_names(values: pa.ChunkedArray, column: Column, place: Place) -> None:
    """Check each distinct name once, since few names occur in many rows."""
    distinct = pc.drop_null(pc.unique(values))
    if column.text == "key":
        wrong = pc.invert(pc.match_substring_regex(distinct, KEY))
        wrong = pc.and_(wrong, pc.not_equal(distinct, ""))
        why = "is not a valid key"
    else:
        wrong = pc.match_substring_regex(distinct, CONTROL)
        wrong = pc.or_(wrong, pc.greater(pc.utf8_length(distinct), LONGEST_NAME))
        why = f"is not a name: longer than {LONGEST_NAME} characters, or with control characters"
    if column.required:
        wrong = pc.or_(wrong, pc.equal(distinct, ""))
    if (index := _first(wrong)) is not None:
        row = pc.index(values, distinct[index]).as_py()
        text: Any = distinct[index].as_py()
        raise place.refuse(row, f"{shown(text)} {why if text else 'is empty'}")


def _first(mask: pa.ChunkedArray | pa.Array) -> int | None:
    """The index of the first true value; None if there is none."""
    index = pc.index(mask, pa.scalar(True)).as_py()
    return index if index >= 0 else None
