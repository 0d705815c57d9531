# ruff: noqa: RUF001 -- texts of many scripts look like one another
from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.data.text import normalise

RULED = (
    "ar bn ca ckb de el en fa ff ha haw he hi hy ja ka km ko ku lo lt ml my ps ro ru sd si ta th"
    " tr ug ur uz vi yi yo zh"
)
LANGUAGES = st.sampled_from(RULED.split())
WRITTEN = (
    "' \u2019-.0\u200c\u200dI\u0130\u00dfi\u0307\u0131\u0301\u02bb\u0149\ufb01\u03c3\u03c2"
    "\u0565\u0582\u05f2\u05b7\u06cc\u0649\u064a\u0654\u0647\u06d5\u06c1\u06c0\u0640\u0643"
    "\u0905\u093e\u0906\u0945\u0930\u094d\u0d28\u0d4d\u0d31\u0e40\u0e4d\u0e49\u0e32\u0e33"
    "\u0e35\u1000\u103b\u103d\u102f\u102d\u1036\u1037\u17d2\u179a\u178a\u17c1\u17b8\u17c9"
    "\u1100\u1161\u11a8\u3131\u309b\u30ab\u30fc\uff0d\uff76\uff9e"
)
"""Characters that the rules are about, so that they meet."""
TEXTS = st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from(WRITTEN))


def words_by_category(text: str) -> list[str]:
    """An independent rule for text without format characters: what is left of NFC when every
    character that is neither letter, mark nor number is a space."""
    spaced = (c if unicodedata.category(c)[0] in "LMN" else " " for c in text)
    return unicodedata.normalize("NFC", "".join(spaced)).split()


ONE_ENCODING = "".join(
    c
    for c in map(chr, range(0x61, 0x3200))
    if unicodedata.category(c) in ("Ll", "Lo", "Mc", "Nd", "No")
    and c in normalise(c, "en")
    and unicodedata.is_normalized("NFC", c)
    and c not in "\u03c2\u03c3"
)
"""Characters that are their own and only encoding by themselves; what a sigma is depends on where
in a word it stands."""


@given(TEXTS, LANGUAGES)
def test_normalising_twice_is_normalising_once(text: str, language: str) -> None:
    once = normalise(text, language)
    assert normalise(once, language) == once


@given(TEXTS, LANGUAGES)
def test_canonical_forms_of_a_text_are_one_text(text: str, language: str) -> None:
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    assert {normalise(form, language) for form in forms} == {normalise(text, language)}


@given(st.lists(st.sampled_from(ONE_ENCODING), max_size=12), LANGUAGES)
def test_no_letter_mark_or_number_is_lost(chars: list[str], language: str) -> None:
    """Between hyphens nothing meets, so that every character stays as it is by itself."""
    alone = [normalise(c, language) for c in chars]
    apart = normalise("-".join(chars), language).replace(" ", "")
    assert apart == "".join(alone)
    assert all(alone)


@given(st.lists(st.from_regex(r"\A[a-z\u00e0\u0435\u05d0\u0915]{1,8}\Z"), max_size=8))
def test_no_word_is_lost(words: list[str]) -> None:
    assert normalise(" , ".join(words), "en").split(" ") == (words or [""])


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("hi", "मैं हिन्दी में लिखता हूँ, क्योंकि यह मेरी भाषा है।"),
        ("ta", "தமிழ் எழுத்துக்கள்: கற்றது கைம்மண் அளவு!"),
        ("bn", "আমি বাংলায় গান গাই; আমি বাংলার গান গাই।"),
        ("ml", "അമ്മയ്ക്കു പ്രാണവേദന, മകൾക്കു വീണവായന."),
        ("ar", "السَّلَامُ عَلَيْكُمْ، كَيْفَ حَالُكَ؟"),
        ("he", "בְּרֵאשִׁית, בָּרָא אֱלֹהִים."),
        ("vi", "tiếng việt – có dấu."),
    ],
)
def test_combining_marks_stay(language: str, text: str) -> None:
    assert normalise(text, language).split() == words_by_category(text)


def test_thai_stays_and_is_not_spaced() -> None:
    text = "ภาษาไทย (ที่นี่) กำลังดี"
    assert normalise(text, "th") == "".join(words_by_category(text))


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Don’t STOP -- it's 'ok', well-known!", "don't stop it's ok well known"),
        ("en", "Room 101, 3.14", "room 101 3 14"),
        ("tr", "ISPARTA'da İyi", "ısparta'da iyi"),
        ("az", "BAKI", "bakı"),
        ("de", "Große STRASSE", "große strasse"),
        ("el", "ΟΔΟΣ", "οδος"),
        ("ca", "Il·lusió · L’Hospitalet", "il·lusió l'hospitalet"),
        ("uk", "М\u02bcята і п’ять", "м'ята і п'ять"),
        ("zh", "你好， 世界！", "你好世界"),
        ("ja", "これは iPhone 15 です。", "これはiphone 15です"),
        ("es", "¿Qué? ¡So\u00adl!", "qué sol"),
        ("en", "a\u0301 ok \u2764\ufe0f", "á ok"),
        ("en", "... !", ""),
    ],
)
def test_case_punctuation_and_spacing_by_language(language: str, text: str, expected: str) -> None:
    assert normalise(text, language) == expected


def test_joiners_stay_where_the_script_needs_them() -> None:
    assert normalise("می\u200cخواهم", "fa") == "می\u200cخواهم"
    assert normalise("ක්\u200dෂ", "si") == "ක්\u200dෂ"
    assert normalise("Auf\u200clage", "de") == "auflage"
    assert normalise("\u200cکتاب\u200c", "fa") == "کتاب"
