"""What the benchmark knows about languages: their names, scripts and error measures."""

from __future__ import annotations

from typing import Literal

from babel import Locale
from babel.core import get_global

UNSPACED = frozenset(
    "bo cjy cmn dz gan hak ja jpn khm km lao lo my mya nan th tha wuu yue zh zho".split()  # noqa: SIM905
)
"""Languages whose writing does not put spaces between words, by BCP 47 primary subtag."""


def primary(language: str) -> str:
    """The primary subtag of a language tag: `zh` of `zh-Hant-TW` and of `zh_tw`."""
    return language.replace("_", "-").split("-")[0].lower()


def unspaced(language: str) -> bool:
    """Whether words are not separated by spaces."""
    return primary(language) in UNSPACED


def metric(language: str) -> Literal["wer", "cer"]:
    """The error rate that is meaningful: of words where words are spaced, else of characters."""
    return "cer" if unspaced(language) else "wer"


def name(language: str) -> str:
    """The English name by CLDR, or the tag itself where CLDR has none."""
    english = Locale("en").languages
    subtag = primary(language)
    return english.get(subtag) or english.get(_alias(subtag)) or language


def script(language: str) -> str | None:
    """The ISO 15924 code of the script (`Latn`, `Deva`) that the tag names or else that CLDR holds
    for likely; None where it is unknown."""
    subtags = language.replace("-", "_").split("_")
    for subtag in subtags[1:]:
        if len(subtag) == 4 and subtag.isalpha():
            return subtag.title()
    likely = get_global("likely_subtags")
    region = f"{subtags[0].lower()}_{subtags[-1].upper()}"
    known = (
        likely.get(region) or likely.get(primary(language)) or likely.get(_alias(primary(language)))
    )
    return str(known).split("_")[1] if known else None


def _alias(subtag: str) -> str:
    """The subtag that CLDR prefers: `zh` for `cmn`, `ak` for `tw`."""
    return str(get_global("language_aliases").get(subtag, subtag))
