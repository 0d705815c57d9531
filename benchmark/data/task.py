"""The input of meta-training and adaptation: a language as a task that yields utterances."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from benchmark.data.batch import Batch


class Episode(NamedTuple):
    """Distinct utterances of one language: a support set and a query set."""

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
