"""One encoding for each written unit, whatever the language.

Most of it follows from Unicode: a character that only is another shape of letters (a presentation
form, a ligature, a full-width or a mathematical letter) is those letters. This is NFKC without
what changes words: fractions, superscripts, symbols and circled numbers stay what they are.
"""

from __future__ import annotations

import re
import unicodedata

APOSTROPHES = frozenset(
    "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u055a\u05f3\u05f4\u07f4\u07f5\u1fbd\u1fbf"
    "\u2018\u2019\u201b\u2032\u2035\ua78b\ua78c\uff07\uff40"
)
"""Quotes, primes and modifier letters, all written for an apostrophe or a glottal stop."""

SHAPES = frozenset(
    "<compat> <final> <font> <initial> <isolated> <medial> <narrow> <vertical> <wide>".split()  # noqa: SIM905
)
"""Compatibility decompositions that tell letters of another shape, as Unicode tags them."""

COMPOSED = frozenset("\u0e33\u0eb3\u037a\u0587") | frozenset(map(chr, range(0x3131, 0x318F)))
"""Kept whole: Thai and Lao am and Armenian ew, letters of their alphabets; a spaced iota; Hangul
letters, whose parts would run together to syllables that nobody wrote."""

UNSEEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180a\u180b\u180c\u180d\u180f\u3164\u0640\u07fa"
    # They split no word that they stand in: Armenian stress, exclamation and question marks.
    "\u055b\u055c\u055e"
)
"""What is no unit: fillers, joiners of marks, vowels that are not written, variation selectors of
Mongolian, and what stretches a word on paper (tatweel, lajanyalan, nirugu)."""

JOINERS = "\u200c\u200d"
SPACES = "\u200b"
"""Invisible, but a boundary of words in Khmer, Lao, Burmese and Thai."""

CONJOINING = re.compile(
    "[\u1100-\u115e\ua960-\ua97c]+[\u1161-\u11a7\ud7b0-\ud7c6]+[\u11a8-\u11ff\ud7cb-\ud7fb]*"
    "|[\u1100-\u1112\u1161-\u1175\u11a8-\u11c2]"
)
"""Hangul jamo: those that make a syllable, which stay, and single ones, which are letters."""

VOICED = re.compile("(?<=[\u3041-\u30fe])[\u309b\u309c]")
"""Voicing marks of kana as characters of their own; those that combine come two code points
before."""


class _Units(dict[int, str]):
    """What each character is written as; found when a text first has it."""

    def __missing__(self, code: int) -> str:
        self[code] = unit = _unit(chr(code))
        return unit


_UNITS = _Units()


def unify_encoding(text: str) -> str:
    """The same text with one encoding for each unit, in NFC; what is no unit is gone.

    Apostrophes are made alike, and digits are those of ASCII: their value is what is said.
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
        # Georgian capitals and small letters of old manuscripts, in the order of today's letters.
        return chr(ord(char) - (0x10A0 if char < "\u2d00" else 0x2D00) + 0x10D0)
    tag, _, codes = unicodedata.decomposition(char).partition(" ")
    is_letter = category[0] in "LM" or category == "Nl" or "\u2e80" <= char <= "\u2fdf"
    if tag not in SHAPES or not is_letter or char in COMPOSED:
        return char
    return "".join(_unit(chr(int(code, 16))) for code in codes.split()).lstrip(" ")


def _is_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _letters(jamo: re.Match[str]) -> str:
    """A single jamo as the letter that readers see."""
    if len(jamo[0]) > 1:
        return jamo[0]
    name = unicodedata.name(jamo[0]).rsplit(" ", 1)[1]
    return unicodedata.lookup(f"HANGUL LETTER {name}")
