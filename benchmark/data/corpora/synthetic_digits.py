"""The ten digits in many languages, synthesised by eSpeak NG: for spoken-word classification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.data.corpora.speech.languages import LANGUAGES
from benchmark.data.corpora.synthetic import Synthetic

if TYPE_CHECKING:
    from benchmark.data.corpora.speech.write import Script


@dataclass(frozen=True)
class SyntheticDigits(Synthetic):
    """The words for 0 to 9 by 19 voices per language; synthesised and cached like `synthetic`.

    Splits share texts but no speaker, so a suite needs `disjoint: [speaker]`.
    """

    def languages(self) -> list[str]:
        """BCP 47 codes of the languages whose numbers can be spelt out, sorted."""
        return sorted(code for code, language in LANGUAGES.items() if language.numbers)

    def script(self) -> Script:
        """The digits."""
        from benchmark.data.corpora.speech.write import DIGITS

        return DIGITS
