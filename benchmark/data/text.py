"""Normalisation of transcripts before training and scoring.

It removes what speech does not say (case, punctuation) and nothing else: combining marks stay,
since deleting them, as normalisers made for English do, changes words in most scripts of Asia.
"""

from __future__ import annotations

import re
import unicodedata

from benchmark.data.languages import primary, unspaced

NORMALISER = "basic-1"
"""Identifies these rules in every record; a change to any of them needs a new one."""

DOTTED_I = frozenset({"az", "aze", "crh", "gag", "tr", "tur"})
"""Languages in which I is the capital of dotless i."""

APOSTROPHES = frozenset("'`\u00b4\u02bc\u05f3\u05f4\u2018\u2019\u2032\uff07")
JOINERS = "\u200c\u200d"
SPACES = "\u200b"
"""Invisible, but a boundary of words in Khmer, Lao, Burmese and Thai."""

UNSHAPED = frozenset(
    "ARMENIAN CJK COMBINING CYRILLIC DIGIT GEORGIAN GREEK HANGUL HEBREW LATIN".split()  # noqa: SIM905
)
"""First words of the Unicode names of characters that zero-width joiners do not shape."""

LOOSE_SPACE = re.compile(r"(?<![\da-z\u00df-\u024f]) | (?![\da-z\u00df-\u024f])")


def normalise(text: str, language: str) -> str:
    """Lower-case words separated by single spaces, in NFC.

    Punctuation and symbols become spaces, but apostrophes inside words stay, made alike, and so
    does the middle dot of Catalan. Invisible characters go, but zero-width joiners stay in
    scripts that they shape. Digits stay. Where words are not spaced (see `languages`), spaces
    stay only between Latin words and numbers.
    """
    text = _lower(unicodedata.normalize("NFC", text), language)
    text = "".join(char for char in text if not _is_ignorable(char))
    inner = APOSTROPHES | {"\u00b7"} if primary(language) == "ca" else APOSTROPHES
    bounded = f" {text} "
    text = "".join(
        _inner(char) if char in inner and _is_word(before) and _is_word(after) else _spaced(char)
        for before, char, after in zip(bounded, text, bounded[2:], strict=False)
    )
    text = " ".join(_without_loose_joiners(text).split())
    if unspaced(language):
        text = LOOSE_SPACE.sub("", text)
    return unicodedata.normalize("NFC", text)


def _lower(text: str, language: str) -> str:
    if primary(language) in DOTTED_I:
        text = text.replace("\u0130", "i").replace("I", "\u0131")
    return text.lower()


def _is_ignorable(char: str) -> bool:
    """Format characters, such as soft hyphens and direction marks, and variation selectors."""
    if "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return True
    return unicodedata.category(char) == "Cf" and char not in JOINERS + SPACES


def _is_word(char: str) -> bool:
    """Letters, marks and numbers."""
    return unicodedata.category(char)[0] in "LMN"


def _inner(char: str) -> str:
    return "'" if char in APOSTROPHES else char


def _spaced(char: str) -> str:
    return char if _is_word(char) or char in JOINERS else " "


def _without_loose_joiners(text: str) -> str:
    """Joiners stay after a character that they shape, a non-joiner only inside a word."""
    kept = " "
    for char, after in zip(text, text[1:] + " ", strict=False):
        if char in JOINERS:
            shapes = _is_word(kept[-1]) and unicodedata.name(kept[-1], "").split()[:1]
            ends = char == "\u200c" and not _is_word(after)
            if not shapes or shapes[0] in UNSHAPED or ends:
                continue
        kept += char
    return kept
