"""JSON: an object per line, or a list of objects in a `.json` file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmark.data.corpora.layout.formats.base import Row, Table
from benchmark.data.corpora.layout.formats.text import lines
from benchmark.errors import DataError


class JsonLines(Table):
    """An object per line; a column that a line lacks is missing there."""

    unit = "line"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        columns: dict[str, None] = {}
        for _, values in self._objects():
            columns |= dict.fromkeys(values)
        if not columns:
            raise DataError(f"{path} is empty")
        self.columns = list(columns)

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        for number, values in self._objects():
            yield number, {column: values.get(column) for column in columns}

    def _objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, line in lines(self.path):
            if line.strip():
                yield number, self._object(self._parsed(line, number), number)

    def _parsed(self, text: str, number: int) -> Any:
        try:
            return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
        except json.JSONDecodeError as error:
            place = f"{self.path}, line {number + error.lineno - 1}"
            raise DataError(f"{place}: not JSON: {error.msg.lower()}") from None
        except (ValueError, RecursionError) as error:
            reason = str(error) if isinstance(error, ValueError) else "nested too deeply"
            raise DataError(f"{self.path}, {self.unit} {number}: {reason}") from None

    def _object(self, parsed: Any, number: int) -> dict[str, Any]:
        if not isinstance(parsed, dict):
            kind = type(parsed).__name__
            raise DataError(
                f"{self.path}, {self.unit} {number}: a {kind}, but an object is expected"
            )
        return parsed


class Json(JsonLines):
    """A list of objects, or else an object per line."""

    def _objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        text = "".join(line for _, line in lines(self.path))
        if not text.lstrip().startswith("["):
            yield from super()._objects()
            return
        self.unit = "row"  # type: ignore[misc]
        for number, entry in enumerate(self._parsed(text, 1), 1):
            yield number, self._object(entry, number)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is given twice")
    return values


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
