"""Parquet and Arrow files, read in small batches: rows of speech are large."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.data.corpora.layout.formats.base import Kind, Row, Table
from benchmark.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 64
"""Number of rows in memory at a time."""

BUFFER = 1 << 20
"""Number of bytes of a column that are read at a time."""


class ArrowTable(Table):
    """The common part of both formats: a schema, and the features that `datasets` stored with
    it."""

    schema: pa.Schema
    kind: str

    def _describe(self) -> None:
        self.columns = list(self.schema.names)
        self._classes = dict(_classes(self.schema))

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """The rows, with class labels as names."""
        number = 0
        with self._whole():
            for batch in self._batches(list(dict.fromkeys(columns))):
                for values in batch.to_pylist():
                    number += 1
                    yield number, {c: self._named(c, values[c], number) for c in columns}

    def type_of(self, column: str) -> Kind:
        """The type of a column; a class label counts as text."""
        import pyarrow as pa

        kind = self.schema.field(column).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        if column in self._classes or str(kind) in ("string", "large_string", "string_view"):
            return Kind("text", str(kind))
        if pa.types.is_integer(kind):
            return Kind("integer", str(kind))
        # A column without values is a null column, or a column of NaN.
        empty = pa.types.is_floating(kind) or pa.types.is_null(kind)
        return Kind("any" if empty else "other", str(kind))

    def holds_audio(self, column: str) -> bool:
        import pyarrow as pa

        kind = self.schema.field(column).type
        if pa.types.is_struct(kind):
            index = kind.get_field_index("bytes")
            kind = kind.field(index).type if index >= 0 else kind
        return str(kind) in ("binary", "large_binary", "binary_view", "null")

    @abstractmethod
    def _batches(self, columns: list[str]) -> Iterator[pa.RecordBatch]:
        """Rows of these columns, in the order of the file."""

    def _named(self, column: str, value: Any, number: int) -> Any:
        names = self._classes.get(column)
        if names is None or not isinstance(value, int) or value == -1:
            return None if names and value == -1 else value
        if not 0 <= value < len(names):
            place = f"{self.path}, row {number}"
            raise DataError(
                f"{place}: {column} is {value}, but its number of classes is {len(names)}"
            )
        return names[value]

    @contextmanager
    def _whole(self) -> Iterator[None]:
        import pyarrow as pa

        try:
            yield
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise DataError(
                f"{self.path} is not a readable {self.kind} file: {_first_line(error)}"
            ) from error


class Parquet(ArrowTable):
    """A Parquet file."""

    kind = "Parquet"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        import pyarrow.parquet as pq

        with self._whole(), pq.ParquetFile(path) as file:
            self.schema = file.schema_arrow
        self._describe()

    def _batches(self, columns: list[str]) -> Iterator[pa.RecordBatch]:
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.path, buffer_size=BUFFER, pre_buffer=False) as file:
            yield from file.iter_batches(BATCH, columns=columns)


class Arrow(ArrowTable):
    """An Arrow file, as a stream (as `datasets` writes it) or with random access."""

    kind = "Arrow"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with self._whole(), self._reader() as reader:
            self.schema = reader.schema
        self._describe()

    def _batches(self, columns: list[str]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        with self._reader() as reader:
            stream = isinstance(reader, pa.RecordBatchStreamReader)
            numbers = range(0 if stream else reader.num_record_batches)
            batches = reader if stream else (reader.get_batch(i) for i in numbers)
            for batch in batches:
                chosen = batch.select(columns)
                # A damaged offset may point anywhere in memory, and following it crashes the
                # process.
                chosen.validate(full=True)
                for start in range(0, len(chosen), BATCH):
                    yield chosen.slice(start, BATCH)

    def _reader(self) -> Any:
        import pyarrow as pa

        source = pa.memory_map(str(self.path))
        try:
            return pa.ipc.open_file(source)
        except pa.ArrowInvalid:
            source.seek(0)
            return pa.ipc.open_stream(source)


def _classes(schema: pa.Schema) -> Iterator[tuple[str, list[str]]]:
    """The class names of columns that are declared as class labels."""
    try:
        described = json.loads((schema.metadata or {})[b"huggingface"])
        features = described["info"]["features"].items()
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return
    for column, feature in features:
        if isinstance(feature, dict) and feature.get("_type") == "ClassLabel":
            names = feature.get("names")
            if isinstance(names, list) and all(isinstance(name, str) for name in names):
                yield column, names


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
