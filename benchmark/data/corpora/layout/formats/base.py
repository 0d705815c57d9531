"""The contract of a reader of tables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

Row = tuple[int, dict[str, Any]]
"""The number of a row (rows and lines from 1), and its values by column."""


class Kind(NamedTuple):
    """The type of a column: whether it can hold text, and its name in the format.

    The type `any` is known only from its values.
    """

    holds: Literal["text", "integer", "any", "other"]
    name: str


class Table(ABC):
    """One file of rows. A reader does not convert values: strings stay strings, numbers numbers.

    Opening a file reads only its columns. Raises DataError for a damaged file, with the place of
    the damage.
    """

    unit: ClassVar[str] = "row"
    """The unit that row numbers count."""

    one_line: ClassVar[bool] = False
    """Whether a line break within a value is always a mistake."""

    def __init__(self, path: Path) -> None:
        self.path = path

    columns: Sequence[str]

    @abstractmethod
    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """The rows in file order, with at least these columns; absent values are None."""

    def type_of(self, column: str) -> Kind:
        """The type of a column, if the format declares it."""
        return Kind("any", "")

    def holds_audio(self, column: str) -> bool:
        """Whether a column holds encoded audio files: bytes, or structures with them."""
        return False
