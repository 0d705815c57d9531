"""What all readers of tables offer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

Row = tuple[int, dict[str, Any]]
"""Its number as a user counts (rows and lines from 1), and its values by column."""


class Kind(NamedTuple):
    """The type of a column: whether it can hold text, and its name in the words of its format.

    `any` is known by its values alone.
    """

    holds: Literal["text", "integer", "any", "other"]
    name: str


class Table(ABC):
    """One file of rows. A reader converts nothing: a string stays that string, a number a number.

    Opening a file reads no more than its columns. Raises DataError for a file that is broken,
    naming it and where it breaks.
    """

    unit: ClassVar[str] = "row"
    """What its numbers count."""

    one_line: ClassVar[bool] = False
    """Whether a line break within a value can only be a mistake."""

    def __init__(self, path: Path) -> None:
        self.path = path

    columns: Sequence[str]

    @abstractmethod
    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """The rows in file order, with at least these columns; what is absent is None."""

    def type_of(self, column: str) -> Kind:
        """What a column holds, where the format declares it."""
        return Kind("any", "")

    def holds_audio(self, column: str) -> bool:
        """Whether a column holds encoded audio files: bytes, or structures with them."""
        return False
