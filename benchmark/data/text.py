"""Normalisation of transcripts before training and scoring.

It removes only what is not spoken (case, punctuation). Combining marks are kept, because deleting
them, as normalisers for English do, changes words in most Asian scripts. Texts that look the same
to readers become the same text (see `encodings` and `spelling`).
"""

from __future__ import annotations

import re
import unicodedata

from benchmark.data.encodings import JOINERS, unify_encoding
from benchmark.data.languages import UNSPACED, primary
from benchmark.data.spelling import unify_spelling

NORMALISER = "basic-2"
"""Identifies these rules in every record; any change to them needs a new name."""

DOTTED_I = frozenset({"az", "crh", "gag", "tr"})
"""Languages in which I is the capital of dotless i."""

OPENING = frozenset("fud ha haw rap rar sm tkl to tvl ty wls".split())  # noqa: SIM905
"""Languages in which an apostrophe before a word is its first letter."""

CLOSING = {"kaa": "aginou", "uz": "go"}
"""Languages in which an apostrophe after these letters is part of them."""

WORD_SIGNS = frozenset("\u104c\u104d\u104e\u104f")
"""Punctuation in Unicode, but words in Burmese."""

RIGHT_JOINING = frozenset(
    "\u0621\u0622\u0623\u0624\u0625\u0627\u0629\u062f\u0630\u0631\u0632\u0648\u0671\u0688\u0689"
    "\u0691\u0693\u0696\u0698\u06c3\u06c4\u06c6\u06c7\u06c8\u06cb\u06cd\u06d2\u06d3"
)
"""Arabic letters that never join the next letter, so a non-joiner after them is invisible."""

UNSHAPED = frozenset(
    "ARMENIAN CJK COMBINING CYRILLIC DIGIT GEORGIAN GREEK HANGUL HEBREW LATIN".split()  # noqa: SIM905
)
"""First words of the Unicode names of characters that zero-width joiners do not affect."""

LOOSE_SPACE = re.compile(r"(?<![\da-z\u00df-\u024f]) | (?![\da-z\u00df-\u024f])")

GERSHAYIM = re.compile(
    r"(?<=[\u0591-\u05f4])(?:[\"\u201c-\u201f\u2033\uff02]|'')(?=[\u05d0-\u05f4])"
)
"""Quotation marks inside a Hebrew word, which mark abbreviations."""

DOTTED_L = frozenset({"ca", "oc"})
"""Languages with a middle dot inside words."""

REPEATED = re.compile("''+")

MIDDLE_DOT = re.compile(r"(?<=\w)[\u2022\u2027\u2219\u22c5\u30fb\uff65](?=\w)|(?<=[lL])\.(?=[lL])")
LOOSE_DOT = re.compile(r"(?<!\w)\u00b7|\u00b7(?!\w)")

KANA = "[\u3041-\u30fe]"
LENGTH = re.compile(
    f"(?<={KANA})(?:[\u2014\u2015\u2500\u2501\ufe63\uff0d]|[\u301c\uff5e](?={KANA}))"
)
"""Dashes used in Japanese for the mark of a long vowel."""

PALOCHKA = re.compile(
    "(?<=[\u0400-\u052f])[Il1|\u0406\u0456]|(?<![Il1|\\d])[Il1|\u0406\u0456](?=[\u0400-\u052f])"
)
CAUCASIAN = frozenset("abq ady av ce dar inh kbd lbe lez tab".split())  # noqa: SIM905
"""Languages with palochka, a letter missing on keyboards."""


def normalise(text: str, language: str) -> str:
    """Lower-case words separated by single spaces, in NFC.

    Equivalent encodings and spellings are unified, and digits become ASCII digits. Punctuation and
    symbols become spaces, except apostrophes inside words, which are unified, and the middle dot of
    Catalan. Invisible characters are removed, except zero-width joiners in scripts that they
    affect. In languages written without spaces (see `languages`), spaces are kept only between
    Latin words and numbers.
    """
    code = primary(language)
    if code in CAUCASIAN:
        text = PALOCHKA.sub("\u04cf", text)
    text = GERSHAYIM.sub("'", unify_encoding(text))
    if code == "ja":
        text = LENGTH.sub("\u30fc", text)
    kept = JOINERS + "'"
    if code in DOTTED_L:
        text = LOOSE_DOT.sub(" ", MIDDLE_DOT.sub("\u00b7", text))
        kept += "\u00b7"
    text = _lower(text, code)
    text = "".join(char if _is_word(char) or char in kept else " " for char in text)
    words = REPEATED.sub(" ", _without_loose_joiners(text)).split()
    text = " ".join(" ".join(_without_loose_apostrophes(word, code) for word in words).split())
    if code in UNSPACED:
        text = LOOSE_SPACE.sub("", text)
    return unify_spelling(text, code)


def _lower(text: str, language: str) -> str:
    if language in DOTTED_I:
        text = text.replace("\u0130", "i").replace("I", "\u0131")
    return text.lower()


def _is_word(char: str) -> bool:
    """Letters, marks and numbers."""
    return unicodedata.category(char)[0] in "LMN" or char in WORD_SIGNS


def _without_loose_apostrophes(word: str, language: str) -> str:
    """A word without apostrophes around it, except one that is a letter; a pair is a quotation."""
    stem = word.strip("'")
    opens, closes = word.startswith("'"), word.endswith("'")
    if opens and not closes and language in OPENING:
        return f"'{stem}"
    if closes and not opens and stem[-1] in CLOSING.get(language, ""):
        return f"{stem}'"
    return stem


def _without_loose_joiners(text: str) -> str:
    """Joiners are kept after characters that they affect, non-joiners only inside words."""
    if text.isascii():
        return text
    kept = " "
    for char, after in zip(text, text[1:] + " ", strict=False):
        if char in JOINERS:
            shapes = _is_word(kept[-1]) and unicodedata.name(kept[-1], "").split()[:1]
            idle = char == "\u200c" and (not _is_word(after) or kept[-1] in RIGHT_JOINING)
            if not shapes or shapes[0] in UNSHAPED or idle:
                continue
        kept += char
    return kept
