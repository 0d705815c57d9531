"""One encoding for each written unit, in all languages.

Most rules follow from Unicode: a character that is only another form of letters (a presentation
form, a ligature, a full-width or a mathematical letter) is replaced by those letters. This is NFKC
without changes to words: fractions, superscripts, symbols and circled numbers are kept.
"""

from __future__ import annotations

import re
import unicodedata

APOSTROPHES = frozenset(
    "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u055a\u05f3\u05f4\u07f4\u07f5\u1fbd\u1fbf"
    "\u2018\u2019\u201b\u2032\u2035\ua78b\ua78c\uff07\uff40"
)
"""Quotes, primes and modifier letters that are used as an apostrophe or a glottal stop."""

SHAPES = frozenset(
    "<compat> <final> <font> <initial> <isolated> <medial> <narrow> <vertical> <wide>".split()  # noqa: SIM905
)
"""Unicode tags of compatibility decompositions that are only another form of letters."""

COMPOSED = frozenset("\u0e33\u0eb3\u037a\u0587") | frozenset(map(chr, range(0x3131, 0x318F)))
"""Not decomposed: Thai and Lao am and Armenian ew, which are letters of their alphabets; a spaced
iota; Hangul letters, whose parts would combine to unintended syllables."""

UNSEEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180a\u180b\u180c\u180d\u180f\u3164\u0640\u07fa"
    # These do not split words: Armenian stress, exclamation and question marks.
    "\u055b\u055c\u055e"
)
"""Characters that are not units: fillers, joiners of marks, unwritten vowels, variation selectors
of Mongolian, and elongation (tatweel, lajanyalan, nirugu)."""

JOINERS = "\u200c\u200d"
SPACES = "\u200b"
"""Invisible word boundary in Khmer, Lao, Burmese and Thai."""

CONJOINING = re.compile(
    "[\u1100-\u115e\ua960-\ua97c]+[\u1161-\u11a7\ud7b0-\ud7c6]+[\u11a8-\u11ff\ud7cb-\ud7fb]*"
    "|[\u1100-\u1112\u1161-\u1175\u11a8-\u11c2]"
)
"""Hangul jamo: those that form a syllable, which are kept, and single ones, which are letters."""

VOICED = re.compile("(?<=[\u3041-\u30fe])[\u309b\u309c]")
"""Voicing marks of kana as separate characters; the combining ones are two code points before."""


class _Units(dict[int, str]):
    """The replacement of each character, computed when it first occurs."""

    def __missing__(self, code: int) -> str:
        self[code] = unit = _unit(chr(code))
        return unit


_UNITS = _Units()


def unify_encoding(text: str) -> str:
    """The same text with one encoding for each unit, in NFC, without characters that are not units.

    Apostrophes are unified, and digits become ASCII digits, because their value is what is spoken.
    """
    if text.isascii():
        return text.replace("`", "'")
    text = unicodedata.normalize("NFC", text).translate(_UNITS)
    text = VOICED.sub(lambda mark: chr(ord(mark[0]) - 2), text)
    text = unicodedata.normalize("NFC", text)
    return CONJOINING.sub(_letters, text)


def _unit(char: str) -> str:
    if char in APOSTROPHES:
        return "'"
    category = unicodedata.category(char)
    if char in UNSEEN or _is_selector(char) or (category == "Cf" and char not in JOINERS + SPACES):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if "\u10a0" <= char <= "\u10cd" or "\u2d00" <= char <= "\u2d2d":
        # Georgian capitals and manuscript small letters, in the order of the modern letters.
        return chr(ord(char) - (0x10A0 if char < "\u2d00" else 0x2D00) + 0x10D0)
    tag, _, codes = unicodedata.decomposition(char).partition(" ")
    is_letter = category[0] in "LM" or category == "Nl" or "\u2e80" <= char <= "\u2fdf"
    if tag not in SHAPES or not is_letter or char in COMPOSED:
        return char
    return "".join(_unit(chr(int(code, 16))) for code in codes.split()).lstrip(" ")


def _is_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _letters(jamo: re.Match[str]) -> str:
    """A single jamo as the corresponding letter."""
    if len(jamo[0]) > 1:
        return jamo[0]
    name = unicodedata.name(jamo[0]).rsplit(" ", 1)[1]
    return unicodedata.lookup(f"HANGUL LETTER {name}")
