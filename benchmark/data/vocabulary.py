"""The output units of a model: characters or bytes for CTC, words for a closed vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Units = Literal["characters", "words", "bytes"]

_BYTES = tuple(map(chr, range(256)))


@dataclass(frozen=True)
class Vocabulary:
    """An ordered set of output units; the index of a unit never changes when others are added.

    Texts are expected to be normalised. A CTC model keeps its blank outside of the vocabulary.
    """

    units: Units
    symbols: tuple[str, ...]

    @classmethod
    def of(cls, units: Units, texts: Iterable[str]) -> Vocabulary:
        """All units of `texts`, sorted; for `bytes` always all 256."""
        return cls(units, _BYTES if units == "bytes" else ()).extended(texts)

    def extended(self, texts: Iterable[str]) -> Vocabulary:
        """This vocabulary followed by the units of `texts` that it lacks, sorted."""
        seen = {unit for text in texts for unit in self.split(text)}
        return Vocabulary(self.units, self.symbols + tuple(sorted(seen - set(self.symbols))))

    def split(self, text: str) -> list[str]:
        """The units of a normalised text.

        For `words` the whole text is one unit. For `bytes` the units are the bytes of UTF-8, byte b
        as the character with code b.
        """
        if self.units == "words":
            return [text]
        return list(text if self.units == "characters" else text.encode().decode("latin-1"))

    def encode(self, text: str) -> list[int]:
        """Indices of the units of `text`.

        Raises KeyError for a unit that the vocabulary lacks.
        """
        index = {symbol: i for i, symbol in enumerate(self.symbols)}
        return [index[unit] for unit in self.split(text)]

    def decode(self, indices: Iterable[int]) -> str:
        """The text of `indices`; bytes that are not valid UTF-8 are left out."""
        text = "".join(self.symbols[i] for i in indices)
        return text if self.units != "bytes" else text.encode("latin-1").decode(errors="ignore")

    def __len__(self) -> int:
        return len(self.symbols)


def frames_needed(units: Sequence[object]) -> int:
    """Fewest frames in which CTC can emit these units: one each, and a blank between repeats."""
    return len(units) + sum(unit == next_ for unit, next_ in pairwise(units))
