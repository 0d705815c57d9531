"""Ways in which files of results go wrong, by damage or by somebody's hand; all are seeded."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

STRINGS = (
    "",
    " ",
    "\x1b[31mred\x1b[0m",
    "a\x00b",
    "two\nlines",
    "<script>alert(1)</script>",
    "[bold]markup[/nothing]",
    "../../outside",
    "/etc/passwd",
    "\u202eright to left",
    "=1+1",
    "`|*_",
    "x" * 1_000_000,
    "nan",
    "tlh-Latn-x-private",
    "basic-99",
    "exploded",
    "ter",
    "[" * 5000,
    '{"settings": []}',
    '{"a": NaN}',
    '{"a": 1e400}',
    "[1, 2]",
    "null",
    '"text"',
    "{",
)
NUMBERS = (math.nan, math.inf, -math.inf, -1.0, -0.0, 1e308, 1e18, 2.5, 0.0, 5.0)
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 10**25, 0.5, "", "text", "\x1b[2J", "y" * 100_000, [], [1], {}, {"a": []},
)  # fmt: skip
"""What takes the place of a value of a JSON document."""


def flip(path: Path, rng: random.Random) -> None:
    """One to four bits."""
    content = bytearray(path.read_bytes())
    for _ in range(rng.randint(1, 4)):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


def truncate(path: Path, rng: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: rng.randrange(len(content))])


def empty(path: Path, rng: random.Random) -> None:
    path.write_bytes(b"")


def remove(path: Path, rng: random.Random) -> None:
    path.unlink()


def become_a_folder(path: Path, rng: random.Random) -> None:
    path.unlink()
    path.mkdir()


def noise(path: Path, rng: random.Random) -> None:
    path.write_bytes(rng.randbytes(rng.randint(1, 400)))


ANY = (flip, truncate, empty, remove, become_a_folder, noise)


def drop_column(table: pa.Table, rng: random.Random) -> pa.Table:
    return table.drop_columns(rng.choice(table.column_names))


def rename_column(table: pa.Table, rng: random.Random) -> pa.Table:
    names = list(table.column_names)
    names[rng.randrange(len(names))] = rng.choice(["other", names[0], "\x1b[31m", "x" * 10_000])
    return table.rename_columns(names)


def retype_column(table: pa.Table, rng: random.Random) -> pa.Table:
    """Another type for all values of a column, whatever they were."""
    makers: tuple[Callable[[int], Any], ...] = (
        str, float, bool, lambda i: i, lambda i: [i], lambda i: {"a": i}, lambda i: b"\xff\xfe",
        lambda i: None,
    )  # fmt: skip
    maker = rng.choice(makers)
    return _with(table, rng.choice(table.column_names), [maker(i) for i in range(len(table))])


def extra_column(table: pa.Table, rng: random.Random) -> pa.Table:
    return table.append_column(rng.choice(STRINGS[2:12]), pa.array([rng.random()] * len(table)))


def odd_cell(table: pa.Table, rng: random.Random) -> pa.Table:
    """One or all values of a column are others of about its type."""
    name = rng.choice(table.column_names)
    values, kind = table[name].to_pylist(), table.schema.field(name).type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        odd: Any = rng.choice((None, *STRINGS))
    else:
        odd = rng.choice((None, *NUMBERS))
    if isinstance(odd, float) and pa.types.is_integer(kind) and math.isfinite(odd):
        odd = int(odd) if abs(odd) < 2**63 else -(2**63)
    rows = range(len(values)) if rng.random() < 0.3 else [rng.randrange(len(values))]
    if isinstance(odd, str) and len(odd) > 1000:
        rows = rows[:1]
    for row in rows:
        values[row] = odd
    return _with(table, name, values)


def bad_utf8(table: pa.Table, rng: random.Random) -> pa.Table:
    """Bytes that are half of a surrogate pair, in a column of text."""
    names = [n for n in table.column_names if _is_text(table.schema.field(n).type)]
    raw = pa.array([b"\xed\xa0\x80"] * len(table), pa.binary())
    name = rng.choice(names)
    text = pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())
    return table.set_column(table.column_names.index(name), name, text)


def no_rows(table: pa.Table, rng: random.Random) -> pa.Table:
    return table.slice(0, 0)


def fewer_rows(table: pa.Table, rng: random.Random) -> pa.Table:
    return table.slice(rng.randrange(len(table)), rng.randint(1, len(table)))


def repeated_rows(table: pa.Table, rng: random.Random) -> pa.Table:
    row = table.slice(rng.randrange(len(table)), 1)
    return pa.concat_tables([table, row] if rng.random() < 0.5 else [table, table])


def shuffled_rows(table: pa.Table, rng: random.Random) -> pa.Table:
    order = list(range(len(table)))
    rng.shuffle(order)
    return table.take(order)


TABLES = (
    drop_column, rename_column, retype_column, extra_column, odd_cell, odd_cell, odd_cell, odd_cell,
    bad_utf8, no_rows, fewer_rows, repeated_rows, shuffled_rows,
)  # fmt: skip


def mutate(path: Path, rng: random.Random) -> str:
    """Spoil a file; returns how."""
    roll = rng.random()
    if path.suffix == ".parquet" and roll < 0.7:
        change = rng.choice(TABLES)
        table = change(pq.read_table(path).replace_schema_metadata(None), rng)
        pq.write_table(table, path)
        return change.__name__
    if path.suffix == ".json" and roll < 0.7:
        document = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(_spoilt(document, rng)), encoding="utf-8")
        return "value"
    damage = rng.choice(ANY)
    damage(path, rng)
    return damage.__name__


def _spoilt(value: Any, rng: random.Random) -> Any:
    """A JSON value with something in it replaced or missing."""
    if isinstance(value, dict) and value and rng.random() < 0.8:
        name = rng.choice(list(value))
        if rng.random() < 0.15:
            return {k: v for k, v in value.items() if k != name}
        return {**value, name: _spoilt(value[name], rng)}
    if isinstance(value, list) and value and rng.random() < 0.8:
        place = rng.randrange(len(value))
        return [*value[:place], _spoilt(value[place], rng), *value[place + 1 :]]
    return rng.choice((*VALUES, math.nan, math.inf, "\ud800"))


def _with(table: pa.Table, name: str, values: list[Any]) -> pa.Table:
    kind = table.schema.field(name).type
    try:
        column = pa.array(values, kind)
    except (pa.ArrowException, TypeError, OverflowError):
        try:
            column = pa.array(values)
        except pa.ArrowException:
            column = pa.array([None if value is None else str(value) for value in values])
    return table.set_column(table.column_names.index(name), name, column)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
