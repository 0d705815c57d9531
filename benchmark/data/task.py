"""What meta-training and adaptation learn from: a language that hands out utterances."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from benchmark.data.batch import Batch


class Episode(NamedTuple):
    """Different utterances of one language: those to adapt on, those to judge that on."""

    support: Batch
    query: Batch


class Task(Protocol):
    """A language and its utterances."""

    language: str

    def __len__(self) -> int:
        """The number of utterances."""

    def batch(self, size: int) -> Batch:
        """The next `size` utterances of an endless reshuffled pass; never more than `len(self)`."""

    def episode(self, support: int, query: int) -> Episode:
        """`support` utterances and `query` others."""
