"""Names, scripts and metrics of languages.

Languages are named by BCP 47 tags. CLDR, through Babel, defines which codes mean the same language.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal, NamedTuple

from babel import Locale
from babel.core import get_global

UNSPACED = frozenset(
    "bo cjy dz gan hak hsn ja km lo lzh my nan nod shn sou th tts wuu yue zh".split()  # noqa: SIM905
)
"""Languages written without spaces between words, by BCP 47 primary subtag."""

WELL_FORMED = re.compile(r"[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*")

SAME = {"nb": "no"}
"""Codes that CLDR distinguishes but mean the same language: Norwegian is Bokmal."""

MISTAKEN = {"kr": "ko", "sp": "es"}
"""Wrong codes that people often write for these languages."""


class Tag(NamedTuple):
    """A language tag in canonical form, with its likely script and region by CLDR."""

    primary: str
    script: str
    region: str
    rest: tuple[str, ...]


def is_well_formed(language: str) -> bool:
    """Whether it has the form of a tag: ASCII letters and digits, in parts separated by `-` or
    `_`."""
    return WELL_FORMED.fullmatch(language) is not None


def primary(language: str) -> str:
    """The primary subtag of a tag, the shortest of equivalent codes: `zh` of
    `zh-Hant-TW`, `cmn_hans_cn` and `chi`."""
    return _alias(_subtags(language)[0]).split("_")[0]


@lru_cache(maxsize=1024)
def canonical(language: str) -> Tag:
    """The tag in canonical form: those of `de`, `deu`, `ger` and `de_DE` are equal."""
    first, *others = _subtags(language)
    code, *implied = _alias(first).split("_")
    scripts = [s.title() for s in (*others, *implied) if len(s) == 4 and s.isalpha()]
    regions = [s.upper() for s in others if re.fullmatch("[a-z]{2}|[0-9]{3}", s)]
    likely = get_global("likely_subtags")
    script, region = (scripts or [""])[0], (regions or [""])[0]
    for guess in (f"{code}_{script}" if script else f"{code}_{region}", code):
        if guess in likely:
            _, likely_script, likely_region = likely[guess].split("_")[:3]
            script, region = script or likely_script, region or likely_region
            break
    rest = tuple(s for s in others if s.title() not in scripts and s.upper() not in regions)
    return Tag(code, script, region, rest)


def unspaced(language: str) -> bool:
    """Whether words are not separated by spaces."""
    return primary(language) in UNSPACED


def metric(language: str) -> Literal["wer", "cer"]:
    """The metric of a language: words if they are separated by spaces, else characters."""
    return "cer" if unspaced(language) else "wer"


def name(language: str) -> str:
    """The English name by CLDR, or the tag itself if CLDR has none."""
    english = Locale("en").languages
    return english.get(_subtags(language)[0]) or english.get(primary(language)) or language


def script(language: str) -> str | None:
    """The ISO 15924 code of the script (`Latn`, `Deva`) in the tag, or else the likely one by
    CLDR; None if it is unknown."""
    return canonical(language).script or None


def is_known(language: str) -> bool:
    """Whether the primary subtag is the code of a language that CLDR knows (some 7,900)."""
    subtag = _subtags(language)[0]
    tables = (Locale("en").languages, get_global("language_aliases"), get_global("likely_subtags"))
    return any(subtag in table for table in tables)


def doubt(language: str) -> str | None:
    """Why a key is not a language code, and the code that was probably meant."""
    subtag = _subtags(language)[0]
    meant = MISTAKEN.get(subtag)
    if is_known(language):
        return f"{language!r} is {name(language)}; {name(meant)} is {meant!r}" if meant else None
    meant = meant or _of_country(subtag.upper()) or _named(language)
    wrong = f"{language!r} is not a language code (BCP 47)"
    if meant:
        return f"{wrong}; did you mean {meant!r} ({name(meant)})?"
    return f"{wrong}: it is scored in words, without language-specific rules"


def _of_country(code: str) -> str | None:
    """The official language with the most speakers in the country of this ISO 3166 code."""
    country = get_global("territory_aliases").get(code, [code])[0]
    spoken = get_global("territory_languages").get(country, {})
    shares = {
        language: facts["population_percent"]
        for language, facts in spoken.items()
        if facts["official_status"] in ("official", "de_facto_official")
    }
    return primary(max(shares, key=lambda language: shares[language])) if shares else None


def _named(language: str) -> str | None:
    """The language with this English name, or a similar one."""
    names = {english.casefold(): code for code, english in Locale("en").languages.items()}
    written = re.sub("[-_]", " ", language).casefold()
    close = get_close_matches(written, names, n=1, cutoff=0.8) if len(written) > 3 else []
    return names[close[0]].replace("_", "-") if close else None


def _subtags(language: str) -> list[str]:
    return language.replace("_", "-").lower().split("-")


def _alias(subtag: str) -> str:
    """The code that CLDR prefers: `zh` for `cmn`, `sr_Latn` for `sh`."""
    preferred = str(get_global("language_aliases").get(subtag, subtag))
    return SAME.get(preferred, preferred)
