"""The ten digits in many real languages, spoken by eSpeak NG: for spoken-word classification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.data.corpora.speech.languages import LANGUAGES
from benchmark.data.corpora.synthetic import Synthetic

if TYPE_CHECKING:
    from benchmark.data.corpora.speech.write import Script


@dataclass(frozen=True)
class SyntheticDigits(Synthetic):
    """The words for 0 to 9 by 19 voices per language; made and kept as `synthetic` is.

    Splits share no speaker, but of course their texts: a suite says `disjoint: [speaker]`.
    """

    def languages(self) -> list[str]:
        """BCP 47 codes of the languages whose numbers can be spelt, sorted."""
        return sorted(code for code, language in LANGUAGES.items() if language.numbers)

    def script(self) -> Script:
        """The digits."""
        from benchmark.data.corpora.speech.write import DIGITS

        return DIGITS
