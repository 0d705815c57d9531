"""Requirements on the texts of the synthetic corpus."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from benchmark.data.corpora.speech.languages import Language

_SEPARATORS = ",\u060c\u3001\u1363"
_INSIDE_WORDS = "-'\u30fb\u200c\u200d"
_MAX_WORDS = 6
_MAX_CHARACTERS = 45


def tidy(text: str) -> str:
    """`text` in NFC with plain spaces and apostrophes, without invisible direction marks."""
    text = re.sub("[\u2019\u02bc]", "'", unicodedata.normalize("NFC", text))
    text = "".join(c for c in text if c in _INSIDE_WORDS or unicodedata.category(c) != "Cf")
    return " ".join(text.split())


def is_name(text: str, language: Language) -> bool:
    """Whether `text` is short and simple enough for a list of names."""
    return len(text.split()) <= 3 and not set(text) & set(_SEPARATORS) and is_clean(text, language)


def is_clean(text: str, language: Language) -> bool:
    """Whether `text` is short and contains only words that are spoken as written.

    Digits, signs, initials, letters of another script and words that eSpeak NG misreads are not
    clean.
    """
    text = tidy(text)
    return (
        len(text) <= _MAX_CHARACTERS
        and len(text.split()) <= _MAX_WORDS
        and not any(part in text for part in language.unread)
        and not any(a.isupper() and b.isupper() for a, b in pairwise(text))
        and all(_belongs(character, language) for character in text)
    )


def _belongs(character: str, language: Language) -> bool:
    if character in _SEPARATORS + _INSIDE_WORDS + " ":
        return True
    return not character.isdigit() and unicodedata.name(character, "").startswith(language.script)
