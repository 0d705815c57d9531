"""The languages of the synthetic corpus, as data.

A language is included if eSpeak NG speaks it and Babel has its CLDR names. If num2words spells its
numbers, they are used too, in places and sizes in which their form does not depend on gender or
case, so that no grammar is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Day = Literal["cardinal", "ordinal"]
Span = Literal["past", "future"]

# One to four, alone or as the last digit, agree with the noun in many languages.
_MOST = tuple(n for n in range(5, 100) if n % 10 not in (1, 2, 3, 4))
_TENS = tuple(range(20, 100, 10))

_FRENCH_UNREAD = ("Danemark", "\u00c9thiopie", "marathi", "shilling", "sterling", "won", "zloty")


@dataclass(frozen=True, slots=True)
class Language:
    """How one language is spoken and written.

    voice    its name in eSpeak NG
    locale   its name in Babel
    script   the prefix of the Unicode names of all letters in its texts
    numbers  its name in num2words, or None if numbers are not spelt out
    counts   the numbers that are used; only tens if the others agree with the noun
    day      how a date names the day of the month; None if it would be inflected
    ending   the suffix of the ordinal in a date
    apart    whether the language separates words that num2words joins
    spans    the kinds of relative time in which a number is not inflected
    unread   parts of words that eSpeak NG reads as words of another language
    """

    voice: str
    locale: str
    script: tuple[str, ...] = ("LATIN",)
    numbers: str | None = None
    counts: tuple[int, ...] = _MOST
    day: Day | None = None
    ending: str = ""
    apart: bool = False
    spans: tuple[Span, ...] = ("past", "future")
    unread: tuple[str, ...] = ()


LANGUAGES = {
    "am": Language("am", "am", ("ETHIOPIC",), "am"),
    "ar": Language("ar", "ar", ("ARABIC",), "ar", _TENS, spans=()),
    "az": Language("az", "az", numbers="az", day="cardinal"),
    "be": Language("be", "be", ("CYRILLIC",), "be"),
    "bg": Language("bg", "bg", ("CYRILLIC",)),
    "bn": Language("bn", "bn", ("BENGALI",), "bn"),
    "ca": Language("ca", "ca", numbers="ca", day="cardinal"),
    "cs": Language("cs", "cs", numbers="cs", spans=("future",)),
    "da": Language("da", "da", numbers="da", day="ordinal"),
    "de": Language("de", "de", numbers="de", day="ordinal", ending="r", unread=("Z\u0142oty",)),
    "el": Language("el", "el", ("GREEK",)),
    "en": Language("en-us", "en", numbers="en", day="ordinal"),
    "es": Language("es", "es", numbers="es", day="cardinal"),
    "et": Language("et", "et"),
    "fa": Language("fa", "fa", ("ARABIC",), "fa", day="ordinal"),
    "fi": Language("fi", "fi", numbers="fi", day="ordinal", spans=("past",)),
    "fr": Language("fr", "fr", numbers="fr", day="cardinal", unread=_FRENCH_UNREAD),
    "gu": Language("gu", "gu", ("GUJARATI",)),
    "hi": Language("hi", "hi", ("DEVANAGARI",)),
    "hr": Language("hr", "hr"),
    "hu": Language("hu", "hu", numbers="hu"),
    "hy": Language("hy", "hy", ("ARMENIAN",)),
    "id": Language("id", "id", numbers="id", day="cardinal"),
    "is": Language("is", "is", numbers="is"),
    "it": Language("it", "it", numbers="it", day="cardinal"),
    # eSpeak NG reads only kana: it speaks a kanji as the English words "Chinese letter".
    "ja": Language("ja", "ja", ("KATAKANA", "HIRAGANA"), unread=("\u30a6\u30a7", "\u30a6\u30a9")),
    "ka": Language("ka", "ka", ("GEORGIAN",)),
    "kk": Language("kk", "kk", ("CYRILLIC",), "kz", day="cardinal"),
    "ko": Language("ko", "ko", ("HANGUL",), "ko", _TENS),
    "lt": Language("lt", "lt", numbers="lt", counts=_TENS),
    "lv": Language("lv", "lv", numbers="lv", counts=_TENS),
    "mk": Language("mk", "mk", ("CYRILLIC",)),
    "ml": Language("ml", "ml", ("MALAYALAM",)),
    "mr": Language("mr", "mr", ("DEVANAGARI",)),
    "nb": Language("nb", "nb", numbers="no", day="ordinal"),
    "nl": Language("nl", "nl", numbers="nl", day="cardinal"),
    "pa": Language("pa", "pa", ("GURMUKHI",)),
    "pl": Language("pl", "pl", numbers="pl", day="ordinal"),
    "pt": Language("pt", "pt_PT", numbers="pt", day="cardinal"),
    "ro": Language("ro", "ro", numbers="ro", day="cardinal"),
    "ru": Language("ru", "ru", ("CYRILLIC",), "ru"),
    "sk": Language("sk", "sk", numbers="sk", spans=("future",)),
    "sl": Language("sl", "sl", numbers="sl", spans=("future",)),
    "sr": Language("sr", "sr_Latn", numbers="sr"),
    "sv": Language("sv", "sv", numbers="sv", day="ordinal"),
    "sw": Language("sw", "sw"),
    "ta": Language("ta", "ta", ("TAMIL",)),
    "te": Language("te", "te", ("TELUGU",), "te"),
    "tr": Language("tr", "tr", numbers="tr", day="cardinal", apart=True),
    "uk": Language("uk", "uk", ("CYRILLIC",), "uk"),
    "ur": Language("ur", "ur", ("ARABIC",)),
    "zh": Language("cmn", "zh", ("CJK UNIFIED",), unread=("\u5308",)),
}
"""By BCP 47 code."""
