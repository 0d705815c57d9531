"""The contract of a corpus: a source of transcribed speech."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from benchmark.axis import Axis

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class RawUtterance:
    """One utterance as read from a source; all fields except `id` and `split` may be missing or
    bad.

    `audio` is an encoded file (WAV, FLAC, Ogg, MP3), not samples. `problem` states why an utterance
    cannot be used, if its fields do not show it.
    """

    id: str
    split: str
    audio: bytes | None
    text: str | None
    speaker: str | None
    problem: str | None = None


class Corpus(ABC):
    """A source of transcribed speech in one or more languages."""

    synthetic: ClassVar[bool] = False
    """Whether the speech is synthetic; every report says so."""

    def languages(self) -> list[str] | None:
        """The available languages; None if they are known only by reading the source."""
        return None

    def splits_of(self, language: str) -> dict[str, str | None] | None:
        """The splits of a language by their names in the source, each with the one of SPLITS as
        which it is read, if any; None if they are known only by reading.

        Raises DataError like `identity`.
        """
        return None

    @abstractmethod
    def identity(self, language: str) -> dict[str, Any]:
        """Everything that determines what `read` yields (revision, versions, settings), as JSON.

        It is fast and has no side effects. Raises DataError if the language or the source does not
        exist, and lists the alternatives.
        """

    @abstractmethod
    def read(self, language: str) -> Iterator[RawUtterance]:
        """The utterances of a language, split by split, in a fixed order.

        Raises DataError if the source cannot be reached or read.
        """


CORPORA: Axis[Corpus] = Axis("corpus", "corpora", Corpus)  # type: ignore[type-abstract]
