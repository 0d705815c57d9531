"""The kinds of phrases: CLDR's names, units, dates and patterns, with num2words' numbers.

Only common countries, languages and currencies are used, so that words occur in several phrases, as
in read speech.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any, Literal

from babel import Locale, localedata
from babel.dates import format_skeleton, format_timedelta
from babel.lists import format_list
from babel.numbers import format_currency
from babel.units import format_unit
from num2words import num2words

from benchmark.data.corpora.speech.languages import Language
from benchmark.data.corpora.speech.writing import is_clean, is_name

Phrase = Callable[[Random], str]
Length = Literal["long", "short"]

_COUNTRIES = (
    "AF AL AM AO AR AT AU AZ BD BE BG BO BR BW BY CA CH CL CM CN CO CU CY CZ DE DK DZ EC EE EG "
    "ES ET FI FR GE GH GR GT HN HR HT HU ID IE IL IN IQ IR IS IT JM JO JP KE KG KH KR KW KZ LA "
    "LB LK LT LU LV LY MA MD ME MG ML MN MT MX MY MZ NA NE NG NI NL NO NP NZ OM PA PE PH PK PL "
    "PT PY QA RO RS RU RW SA SD SE SG SI SK SN SO SY TD TG TH TN TR TZ UA UG US UY UZ VE VN YE "
    "ZA ZM ZW"
)
_LANGUAGES = (
    "af am ar az be bg bn bo bs ca cs cy da de el en eo es et eu fa fi fr ga gu he hi hr hu hy "
    "id is it ja jv ka kk km kn ko ku la lo lt lv mk ml mn mr ms mt my ne nl or pa pl ps pt qu "
    "ro ru sa si sk sl so sq sr sv sw ta te tg th tr ug uk ur uz vi wo yo zh zu"
)
_CURRENCIES = (
    "AUD BRL CAD CHF CNY CZK DKK EGP EUR GBP HUF ILS INR IRR JPY KES KRW KZT MAD MXN NGN NOK "
    "PHP PKR PLN RON RUB SAR SEK THB TRY UAH USD VND ZAR"
)
_UNITS = (
    "concentr-percent duration-day duration-hour duration-minute duration-month duration-second "
    "duration-week duration-year length-centimeter length-kilometer length-meter mass-gram "
    "mass-kilogram speed-kilometer-per-hour temperature-celsius volume-liter"
)
_SPANS = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2592000}


def phrases(language: Language) -> list[Phrase]:
    """One function for each kind of phrase that `language` has.

    Their results may contain characters that are not part of the language; see `is_clean`.
    """
    # Resolving an alias writes into data that Babel shares between locales: without this the month
    # names of one language would depend on which languages were used before it.
    localedata._cache.clear()
    locale = Locale.parse(language.locale)
    names = [
        _pick(locale.territories, _COUNTRIES),
        _pick(locale.languages, _LANGUAGES),
        _pick(locale.currencies, _CURRENCIES),
        list(locale.months["stand-alone"]["wide"].values()),
        list(locale.days["stand-alone"]["wide"].values()),
    ]
    usable = [[name for name in kind if is_name(name, language)] for kind in names]
    kinds = [_listing(kind, locale) for kind in usable if len(kind) >= 5]
    if language.numbers is None:
        return kinds
    kinds += [_numbers(language, locale), _quantity(language, locale), _money(language, locale)]
    if language.spans:
        kinds.append(_relative_time(language, locale))
    if language.day:
        kinds.append(_date(language, locale))
    return kinds


def _pick(names: Mapping[str, str], codes: str) -> list[str]:
    return [names[code] for code in codes.split() if code in names]


def _listing(names: list[str], locale: Locale) -> Phrase:
    def phrase(random: Random) -> str:
        chosen = random.sample(names, random.choice((2, 2, 3)))
        return format_list(chosen, random.choice(("standard", "or")), locale)

    return phrase


def _numbers(language: Language, locale: Locale) -> Phrase:
    return _listing([_cardinal(n, language) for n in language.counts], locale)


def _quantity(language: Language, locale: Locale) -> Phrase:
    def write(unit: str, length: Length, count: int) -> str:
        return _spell(format_unit(count, unit, length, locale=locale), language, _cardinal)

    def says(unit: str, length: Length) -> bool:
        # Babel writes the code of a unit if CLDR defines one length by another.
        text = write(unit, length, language.counts[0])
        return unit not in text and is_clean(text, language)

    lengths: tuple[Length, ...] = ("long", "short")
    units = [
        next((unit, length) for length in lengths if says(unit, length))
        for unit in _UNITS.split()
        if any(says(unit, length) for length in lengths)
    ]

    def phrase(random: Random) -> str:
        unit, length = random.choice(units)
        return write(unit, length, random.choice(language.counts))

    return phrase


def _money(language: Language, locale: Locale) -> Phrase:
    def phrase(random: Random) -> str:
        text = format_currency(
            random.choice(language.counts),
            random.choice(_CURRENCIES.split()),
            format="0",
            format_type="name",
            currency_digits=False,
            locale=locale,
        )
        return _spell(text, language, _cardinal)

    return phrase


def _relative_time(language: Language, locale: Locale) -> Phrase:
    def phrase(random: Random) -> str:
        unit: Any = random.choice(sorted(_SPANS))
        sign = 1 if random.choice(language.spans) == "future" else -1
        delta = timedelta(seconds=sign * random.choice(language.counts) * _SPANS[unit])
        # The threshold keeps Babel from using a larger unit.
        text = format_timedelta(delta, unit, threshold=1000, add_direction=True, locale=locale)
        return _spell(text, language, _cardinal)

    return phrase


def _date(language: Language, locale: Locale) -> Phrase:
    days = [n for n in language.counts if n <= 29]

    def phrase(random: Random) -> str:
        day = date(2024, random.randint(1, 12), random.choice(days))
        return _spell(format_skeleton("MMMMd", day, locale=locale), language, _day)

    return phrase


def _spell(text: str, language: Language, words: Callable[[int, Language], str]) -> str:
    return re.sub(r"(\d+)\.?", lambda digits: words(int(digits[1]), language), text)


def _cardinal(number: int, language: Language) -> str:
    units = number % 10
    if language.apart and units and number > 10:
        return f"{_cardinal(number - units, language)} {_cardinal(units, language)}"
    return str(num2words(number, lang=language.numbers))


def _day(number: int, language: Language) -> str:
    if language.day == "cardinal":
        return _cardinal(number, language)
    return str(num2words(number, lang=language.numbers, to="ordinal")) + language.ending
