"""Whether the values of a column are what they may be: all at once, with the first that is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from benchmark.errors import DataError, shown
from benchmark.results.column import LONGEST_NAME, Column

CONTROL = r"[\x00-\x1f\x7f-\x9f\x{2028}\x{2029}\x{202a}-\x{202e}\x{2066}-\x{2069}]"
"""What no name holds: it moves a cursor, ends a line or turns the direction of the text."""

UNPRINTABLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\x{202a}-\x{202e}\x{2066}-\x{2069}]"
"""The same without tab and the ends of lines, which texts of several lines hold."""

KEY = r"^[^./\\\x00-\x1f\x7f-\x9f][^/\\\x00-\x1f\x7f-\x9f]{0,299}$"
"""What may name a folder of a stage: it leads to no other place."""

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
    """Where a column is from; rows are counted from `first`, or not at all."""

    path: Path
    name: str
    first: int | None = 1

    def refuse(self, row: int | None, what: str) -> DataError:
        """The error that says which file, column and row is wrong, in one line."""
        at = f", row {row + self.first}" if row is not None and self.first is not None else ""
        return DataError(f"{self.path}: column {self.name}{at}: {what}")


def reason(text: str, most: int = 140) -> str:
    """What a library says of an error, as part of a message: its beginning, on one line."""
    return repr(" ".join(text[: 2 * most].split())[:most])[1:-1]


def checked(values: pa.ChunkedArray, column: Column, place: Place) -> pa.ChunkedArray:
    """The values in the type of their column, where none was measured as null.

    Raises DataError for a type that is another, and for the first value that cannot be.
    """
    values = _typed(values, column, place)
    if column.required and values.null_count:
        raise place.refuse(_first(pc.is_null(values)), "it is empty")
    if column.dtype == "string":
        return _texts(values, column, place)
    if column.dtype != "boolean":
        _in_range(values, column, place)
    return values


def _typed(values: pa.ChunkedArray, column: Column, place: Place) -> pa.ChunkedArray:
    """Older versions wrote whole numbers as floats, and numbers where now there are names."""
    try:
        values.validate(full=True)
    except pa.ArrowInvalid:
        raise place.refuse(None, "it holds bytes that are no text") from None
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    kind, target = values.type, ARROW[column.dtype]
    if pa.types.is_floating(kind):
        values = values.cast(pa.float64())
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, pa.float64()), values)
    if not _fits(kind, column.dtype):
        words = _words(kind)
        raise place.refuse(None, f"it holds {words}, not {KINDS[column.dtype]}")
    if pa.types.is_floating(kind) and column.dtype in ("Int64", "string"):
        broken = pc.fill_null(pc.not_equal(pc.floor(values), values), False)
        large = pc.fill_null(pc.greater_equal(pc.abs(values), 2.0**63), False)
        if (row := _first(pc.or_(broken, large))) is not None:
            raise place.refuse(row, f"{values[row].as_py():g} is no whole number")
        values = values.cast(pa.int64())
    try:
        return values.cast(target)
    except pa.ArrowInvalid:
        raise place.refuse(None, f"it holds numbers beyond those of {target}") from None


def _fits(kind: pa.DataType, dtype: str) -> bool:
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if pa.types.is_null(kind):
        return True
    if dtype == "boolean":
        return bool(pa.types.is_boolean(kind))
    return bool(number or (text and dtype == "string"))


def _words(kind: pa.DataType) -> str:
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text"
    if pa.types.is_boolean(kind):
        return "true or false"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return "numbers"
    return f"values of type {str(kind)[:40]}"


def _in_range(values: pa.ChunkedArray, column: Column, place: Place) -> None:
    low: float = column.low
    high: float = column.high
    if column.dtype == "Int64":  # compared as floats, large numbers would be an error of Arrow
        low, high = max(int(low), -(2**63)), min(int(high), 2**63 - 1)
    outside = pc.or_(pc.less(values, low), pc.greater(values, high))
    if (row := _first(pc.fill_null(outside, False))) is not None:
        value = values[row].as_py()
        limit = f"below {column.low:g}" if value < column.low else f"above {column.high:g}"
        raise place.refuse(row, f"{value:g} is {limit}")


def _texts(values: pa.ChunkedArray, column: Column, place: Place) -> pa.ChunkedArray:
    if column.choices:
        unknown = pc.invert(pc.is_in(values, pa.array(column.choices)))
        # Reports took a missing text for an empty one, and wrote it so.
        unknown = pc.and_(pc.fill_null(pc.not_equal(values, ""), False), unknown)
        if (row := _first(unknown)) is not None:
            text = shown(values[row].as_py())
            raise place.refuse(row, f"{text} is none of {', '.join(column.choices)}")
    if column.text == "words":
        return pc.replace_substring_regex(values, UNPRINTABLE, "\ufffd")
    if column.text in ("name", "key"):
        _names(values, column, place)
    return values


def _names(values: pa.ChunkedArray, column: Column, place: Place) -> None:
    """Few names are on many rows, so that each is looked at once."""
    distinct = pc.drop_null(pc.unique(values))
    if column.text == "key":
        wrong = pc.invert(pc.match_substring_regex(distinct, KEY))
        wrong = pc.and_(wrong, pc.not_equal(distinct, ""))
        why = "is no key"
    else:
        wrong = pc.match_substring_regex(distinct, CONTROL)
        wrong = pc.or_(wrong, pc.greater(pc.utf8_length(distinct), LONGEST_NAME))
        why = f"is no name: it is longer than {LONGEST_NAME} characters or holds control characters"
    if column.required:
        wrong = pc.or_(wrong, pc.equal(distinct, ""))
    if (index := _first(wrong)) is not None:
        row = pc.index(values, distinct[index]).as_py()
        text: Any = distinct[index].as_py()
        raise place.refuse(row, f"{shown(text)} {why if text else 'is empty'}")


def _first(mask: pa.ChunkedArray | pa.Array) -> int | None:
    """The index of the first true value; None where there is none."""
    index = pc.index(mask, pa.scalar(True)).as_py()
    return index if index >= 0 else None
