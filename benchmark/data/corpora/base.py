"""The contract of a corpus: where transcribed speech comes from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from benchmark.axis import Axis

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class RawUtterance:
    """One utterance as a source holds it; every field but `id` and `split` may be missing or bad.

    `audio` is an encoded file (WAV, FLAC, Ogg, MP3), not samples. `problem` says why an utterance
    cannot be used, where the source knows better than its fields tell.
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
    """Whether the speech was made by a machine; every report says so."""

    def languages(self) -> list[str] | None:
        """The languages that can be asked for; None where only the source itself can tell."""
        return None

    def splits_of(self, language: str) -> dict[str, str | None] | None:
        """The splits of a language as the source calls them, each with the one of SPLITS that it
        is read as, if any; None where they are known only by reading.

        Raises DataError as `identity` does.
        """
        return None

    @abstractmethod
    def identity(self, language: str) -> dict[str, Any]:
        """All that decides what `read` yields (revision, versions, settings), as JSON values.

        Cheap and without side effects. Raises DataError when the language or the source does not
        exist, saying what does.
        """

    @abstractmethod
    def read(self, language: str) -> Iterator[RawUtterance]:
        """The utterances of a language, split by split, in a fixed order.

        Raises DataError when the source cannot be reached or read.
        """


CORPORA: Axis[Corpus] = Axis("corpus", "corpora", Corpus)  # type: ignore[type-abstract]
