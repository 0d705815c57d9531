"""One spelling for letters that can be encoded in several ways.

Readers cannot distinguish these spellings, but Unicode does: vowel letters composed of parts
(Unicode core specification, "do not use" tables of chapters 12 and 13), deprecated encodings of a
letter, marks in another order, and letters of a related language's keyboard layout.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

SEQUENCES = {
    # Devanagari vowel letters, and eyelash ra.
    "\u0905\u0946": "\u0904",
    "\u0905\u093e": "\u0906",
    "\u0930\u094d\u0907": "\u0908",
    "\u0909\u0941": "\u090a",
    "\u090f\u0945": "\u090d",
    "\u090f\u0946": "\u090e",
    "\u090f\u0947": "\u0910",
    "\u0905\u0949": "\u0911",
    "\u0906\u0945": "\u0911",
    "\u0905\u094a": "\u0912",
    "\u0906\u0946": "\u0912",
    "\u0905\u094b": "\u0913",
    "\u0906\u0947": "\u0913",
    "\u0905\u094c": "\u0914",
    "\u0906\u0948": "\u0914",
    "\u0905\u0945": "\u0972",
    "\u0905\u093a": "\u0973",
    "\u0905\u093b": "\u0974",
    "\u0906\u093a": "\u0974",
    "\u0905\u094f": "\u0975",
    "\u0905\u0956": "\u0976",
    "\u0905\u0957": "\u0977",
    "\u0930\u094d\u200d": "\u0931\u094d",
    # Bengali vowel letters, khanda ta, and ra before ya.
    "\u0985\u09be": "\u0986",
    "\u098b\u09c3": "\u09e0",
    "\u098c\u09e2": "\u09e1",
    "\u09a4\u09cd\u200d": "\u09ce",
    "\u09b0\u200c\u09cd\u09af": "\u09b0\u200d\u09cd\u09af",
    # Gurmukhi
    "\u0a05\u0a3e": "\u0a06",
    "\u0a72\u0a3f": "\u0a07",
    "\u0a72\u0a40": "\u0a08",
    "\u0a73\u0a41": "\u0a09",
    "\u0a73\u0a42": "\u0a0a",
    "\u0a72\u0a47": "\u0a0f",
    "\u0a05\u0a48": "\u0a10",
    "\u0a73\u0a4b": "\u0a13",
    "\u0a05\u0a4c": "\u0a14",
    # Gujarati
    "\u0a85\u0abe": "\u0a86",
    "\u0a85\u0ac5": "\u0a8d",
    "\u0a85\u0ac7": "\u0a8f",
    "\u0a85\u0ac8": "\u0a90",
    "\u0a85\u0ac9": "\u0a91",
    "\u0a85\u0acb": "\u0a93",
    "\u0a85\u0acc": "\u0a94",
    "\u0ac5\u0abe": "\u0ac9",
    "\u0ac7\u0abe": "\u0acb",
    "\u0ac8\u0abe": "\u0acc",
    # Odia
    "\u0b05\u0b3e": "\u0b06",
    "\u0b0f\u0b57": "\u0b10",
    "\u0b13\u0b57": "\u0b14",
    # Tamil, and shri
    "\u0b85\u0bc2": "\u0b86",
    "\u0bb8\u0bcd\u0bb0\u0bc0": "\u0bb6\u0bcd\u0bb0\u0bc0",
    # Telugu
    "\u0c12\u0c55": "\u0c13",
    "\u0c12\u0c4c": "\u0c14",
    "\u0c3f\u0c55": "\u0c40",
    "\u0c46\u0c55": "\u0c47",
    "\u0c4a\u0c55": "\u0c4b",
    # Kannada
    "\u0c89\u0cbe": "\u0c8a",
    "\u0c92\u0ccc": "\u0c94",
    "\u0c8b\u0cbe": "\u0ce0",
    # Malayalam vowel letters; chillus, before Unicode 5.1 a consonant that a joiner cut short
    "\u0d07\u0d57": "\u0d08",
    "\u0d09\u0d57": "\u0d0a",
    "\u0d0e\u0d46": "\u0d10",
    "\u0d12\u0d3e": "\u0d13",
    "\u0d12\u0d57": "\u0d14",
    "\u0d23\u0d4d\u200d": "\u0d7a",
    "\u0d28\u0d4d\u200d": "\u0d7b",
    "\u0d30\u0d4d\u200d": "\u0d7c",
    "\u0d32\u0d4d\u200d": "\u0d7d",
    "\u0d33\u0d4d\u200d": "\u0d7e",
    "\u0d15\u0d4d\u200d": "\u0d7f",
    "\u0d7b\u0d4d\u0d31": "\u0d28\u0d4d\u0d31",
    # Sinhala
    "\u0d85\u0dcf": "\u0d86",
    "\u0d85\u0dd0": "\u0d87",
    "\u0d85\u0dd1": "\u0d88",
    "\u0d8b\u0ddf": "\u0d8c",
    "\u0d8d\u0dd8": "\u0d8e",
    "\u0d8f\u0ddf": "\u0d90",
    "\u0d91\u0dca": "\u0d92",
    "\u0d91\u0dd9": "\u0d93",
    "\u0d94\u0ddf": "\u0d96",
    "\u0dd9\u0dd9": "\u0ddb",
    # Thai and Lao: the letter ae out of two e
    "\u0e40\u0e40": "\u0e41",
    "\u0ec0\u0ec0": "\u0ec1",
    # Tibetan om
    "\u0f00": "\u0f68\u0f7c\u0f7e",
    # Burmese nnya before asat, and the sign that is written like the digit four
    "\u1025\u103a": "\u1009\u103a",
    "4\u1004\u103a\u1038": "\u104e\u1004\u103a\u1038",
    # Khmer: letters that Unicode deprecates, vowels in two parts, subscripts of one shape
    "\u17a3": "\u17a2",
    "\u17a4": "\u17a2\u17b6",
    "\u17b2": "\u17b1",
    "\u17c1\u17b8": "\u17be",
    "\u17c1\u17b6": "\u17c4",
    "\u17d2\u178a": "\u17d2\u178f",
    # Armenian ew
    "\u0565\u0582": "\u0587",
    # Yiddish digraphs
    "\u05f0": "\u05d5\u05d5",
    "\u05f1": "\u05d5\u05d9",
    "\u05f2": "\u05d9\u05d9",
    # Kashmiri, deprecated
    "\u0673": "\u0627\u065f",
    # Japanese repeat marks of vertical writing
    "\u3033\u3035": "\u3031",
    "\u3034\u3035": "\u3032",
    # Latin: the dot that i has anyway, and letters with a stroke on top of them
    "i\u0307": "i",
    "j\u0307": "j",
    "\u012f\u0307": "\u012f",
    "\u0131\u0307": "i",
    "o\u0338": "\u00f8",
    "o\u0337": "\u00f8",
    "l\u0335": "\u0142",
    "l\u0337": "\u0142",
    "l\u0338": "\u0142",
    "d\u0335": "\u0111",
    "h\u0335": "\u0127",
    "t\u0335": "\u0167",
}

_THAI_TONE, _LAO_TONE = "[\u0e48-\u0e4b]", "[\u0ec8-\u0ecb]"

RULES: list[_Rule] = [
    (re.compile("|".join(sorted(SEQUENCES, key=len, reverse=True))), lambda m: SEQUENCES[m[0]]),
    # Dotless i under a mark above is i.
    (re.compile("\u0131(?=[\u0300-\u0304\u0306\u0308-\u030c])"), "i"),
    # Thai and Lao: am in two parts, and a tone typed before the vowel that it stands on.
    (re.compile(f"\u0e4d({_THAI_TONE}?)\u0e32|({_THAI_TONE})\u0e4d\u0e32"), "\\1\\2\u0e33"),
    (re.compile(f"\u0e33({_THAI_TONE})"), "\\1\u0e33"),
    (re.compile(f"({_THAI_TONE})([\u0e31\u0e34-\u0e37\u0e47])"), "\\2\\1"),
    (re.compile(f"\u0ecd({_LAO_TONE}?)\u0eb2|({_LAO_TONE})\u0ecd\u0eb2"), "\\1\\2\u0eb3"),
    (re.compile(f"\u0eb3({_LAO_TONE})"), "\\1\u0eb3"),
    (re.compile(f"({_LAO_TONE})([\u0eb1\u0eb4-\u0eb7\u0ebb])"), "\\2\\1"),
    # Burmese: marks in the order of the standard; wa and ra typed as the digits 0 and 7.
    (re.compile("[\u103b-\u103e]{2,}|[\u102d-\u1030\u1032\u1036]{2,}"), lambda m: _sorted(m[0])),
    (re.compile("([\u1037\u1038])([\u102b-\u1032\u1036])"), "\\2\\1"),
    (re.compile("(?<!\\d)0(?=[\u1000-\u103f])"), "\u101d"),
    (re.compile("7(?=[\u102b-\u103e])"), "\u101b"),
    # Khmer: subscript ro last, register signs before vowels, nikahit behind them.
    (re.compile("(\u17d2\u179a)(\u17d2[\u1780-\u1799\u179b-\u17b3])"), "\\2\\1"),
    (re.compile("([\u17b6-\u17c5])([\u17c9\u17ca])"), "\\2\\1"),
    (re.compile("\u17c6([\u17b6-\u17c5])"), "\\1\u17c6"),
    # Sigma at the end of a word.
    (re.compile("(?<=[\\w\u0300-\u036f])\u03c3(?![\\w'\u0300-\u036f])"), "\u03c2"),
    (re.compile("\u03c2(?=[\\w'\u0300-\u036f])|(?<![\\w\u0300-\u036f])\u03c2"), "\u03c3"),
]
"""Rules for all languages; each concerns the letters of one script."""

BEYOND_LATIN = re.compile("[\u0131\u0300-\uffff]")

_ARABIC = "[\u0620-\u064a\u066e-\u066f\u0671-\u06d3\u06d5\u06ee-\u06ef\u06fa-\u06ff]"
_BEFORE_LETTER = f"(?=[\u064b-\u065f\u0670]*{_ARABIC})"
_YEH: list[_Rule] = [
    (re.compile(f"\u06cc{_BEFORE_LETTER}"), "\u064a"),
    (re.compile("\u06cc"), "\u0649"),
]
_HEH: list[_Rule] = [
    (re.compile(f"[\u0647\u06d5]\u200c|\u0647(?!{_ARABIC})"), "\u06d5"),
    (re.compile("\u0647"), "\u06be"),
]
_HAMZA: list[_Rule] = [(re.compile("[\u06cc\u0649]\u0654"), "\u0626")]

_ROUND_HEH = {"\u06c1": "\u0647", "\u06c3": "\u0629"}
_PERSIAN_KEYS = {"\u064a": "\u06cc", "\u0649": "\u06cc", "\u0643": "\u06a9", "\u06aa": "\u06a9"}
_ARABIC_KAF = {"\u06a9": "\u0643", "\u06aa": "\u0643"}
_ONE_HEH = {**_ROUND_HEH, "\u06c0": "\u0647\u0654", "\u06be": "\u0647", "\u06d5": "\u0647"}
_URDU = {**_PERSIAN_KEYS, "\u0647": "\u06c1", "\u06c0": "\u06c2", "\u06d5": "\u06c1"}
_URDU["\u0629"] = "\u06c3"

_COMMA, _CEDILLA = "\u0219\u021b", "\u015f\u0163"
_AFRICAN = {"\u03b5": "\u025b", "\u2184": "\u0254"}

_LETTERS = {
    "ar aao acm acx aeb afb ajp apc apd arq ars ary arz": {**_ARABIC_KAF, **_ONE_HEH},
    "azb bqi fa glk lrc mzn": {**_PERSIAN_KEYS, **_ONE_HEH},
    "bal hno pa pnb skr ur": _URDU,
    "ckb ku sdh": {**_PERSIAN_KEYS, **_ROUND_HEH},
    "ug": {**_ARABIC_KAF, **_ROUND_HEH},
    "ps": {
        **_ROUND_HEH,
        "\u0649": "\u06cc",
        "\u0643": "\u06a9",
        "\u06aa": "\u06a9",
        "\u06af": "\u06ab",
    },
    "sd": {"\u0643": "\u06aa", "\u06cc": "\u064a", "\u0649": "\u064a", "\u06c1": "\u0647"},
    # Capitals of eth, d with a stroke and African d look alike, and so do three schwas.
    "bs hr se sma smj sr vi": {"\u00f0": "\u0111", "\u0256": "\u0111"},
    "ee fon": {"\u00f0": "\u0256", "\u0111": "\u0256", **_AFRICAN},
    "fo is": {"\u0111": "\u00f0", "\u0256": "\u00f0"},
    "az": {"\u01dd": "\u0259", "\u04d9": "\u0259"},
    "kr": {"\u0259": "\u01dd"},
    "ak bm dag dyu fat gaa ln": _AFRICAN,
    # Dot below, as a dot or a short line.
    "ig yo": {"\u0329": "\u0323"},
}
"""Replacements of letters that a language does not distinguish, in lower case, by languages."""

_OWN_RULES: dict[str, list[_Rule]] = {
    "ar aao acm acx aeb afb ajp apc apd arq ars ary arz": [*_HAMZA, *_YEH],
    "azb bqi fa glk lrc mzn bal hno pa pnb skr ur": _HAMZA,
    "ckb ku sdh": [*_HAMZA, *_HEH],
    "ug": [*_HAMZA, *_YEH, *_HEH],
    "ps": [(re.compile(f"\u064a{_BEFORE_LETTER}"), "\u06cc")],
}
"""Replacements that depend on the position, by languages; applied before those of letters."""


def _by_language(table: dict[str, T]) -> dict[str, T]:
    return {code: value for codes, value in table.items() for code in codes.split()}


LETTERS: dict[str, dict[int, str]] = {
    code: str.maketrans(dict(zip(_COMMA, _CEDILLA, strict=True)) | {"\u0326": "\u0327"} | letters)
    for code, letters in _by_language(_LETTERS).items()
}
LETTERS["ro"] = str.maketrans(dict(zip(_CEDILLA, _COMMA, strict=True)))
OTHER: dict[int, str] = str.maketrans(
    dict(zip(_COMMA + "\u0326", _CEDILLA + "\u0327", strict=True))
)
"""Comma and cedilla below are one sign, which is the comma in Romanian."""

MOST_PASSES = 50

OWN_RULES = _by_language(_OWN_RULES)


def unify_spelling(text: str, language: str) -> str:
    """A normalised text with one spelling for each letter, in NFC; `language` is a primary
    subtag."""
    if text.isascii():
        return text
    letters, own = LETTERS.get(language, OTHER), OWN_RULES.get(language, [])
    # The output of a rule can be the input of another one.
    for _ in range(MOST_PASSES):
        before = text
        if BEYOND_LATIN.search(text):
            for pattern, replacement in (*RULES, *own):
                text = pattern.sub(replacement, text)
        text = unicodedata.normalize("NFC", text.translate(letters))
        if text == before:
            break
    return text


def _sorted(marks: str) -> str:
    return "".join(sorted(marks))
