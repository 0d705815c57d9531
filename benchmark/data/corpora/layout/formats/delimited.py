"""CSV and TSV files, every field a string.

A CSV field that begins with a quote ends with one (RFC 4180). In TSV a quote is an ordinary
character, as in the files of Common Voice.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from benchmark.data.corpora.layout.formats.base import Row, Table
from benchmark.data.corpora.layout.formats.text import lines
from benchmark.errors import DataError


class Csv(Table):
    """Comma-separated values."""

    unit = "line"
    one_line = True
    delimiter: ClassVar[str] = ","
    quoting: ClassVar[int] = csv.QUOTE_MINIMAL

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        header = next(self._records(), None)
        if header is None:
            raise DataError(f"{path} is empty: not even a header names its columns")
        self.columns = [name.strip() for name in header[1]]

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """The rows, numbered by their first line; an empty field is missing."""
        places = {column: self.columns.index(column) for column in columns}
        records = self._records()
        next(records)
        for number, fields in records:
            if len(fields) != len(self.columns):
                raise DataError(
                    f"{self.path}, line {number}: {len(fields)} fields, where the header has"
                    f" {len(self.columns)}"
                )
            yield number, {column: fields[i] or None for column, i in places.items()}

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        numbered = lines(self.path)
        reader = csv.reader(
            (line for _, line in numbered),
            delimiter=self.delimiter,
            quoting=self.quoting,  # type: ignore[arg-type]
            strict=True,
        )
        while True:
            number = reader.line_num + 1
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise DataError(f"{self.path}, line {number}: {_problem(error)}") from None
            if any(field.strip() for field in fields):
                yield number, fields


class Tsv(Csv):
    """Tab-separated values without quoting."""

    delimiter = "\t"
    quoting = csv.QUOTE_NONE


def _problem(error: csv.Error) -> str:
    message = str(error)
    if "unexpected end" in message or "expected after" in message:
        return (
            'a field begins with a quote that does not end it; write the field as "..." with'
            ' each quote inside as ""'
        )
    return message
