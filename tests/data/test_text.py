# ruff: noqa: RUF001 -- texts of many scripts look like one another
from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.data.text import normalise

LANGUAGES = st.sampled_from(
    ["ar", "ca", "de", "en", "fa", "hi", "ja", "ml", "ta", "th", "tr", "zh"]
)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from("' ’-.\u200c\u200dIİß"))


def words_by_category(text: str) -> list[str]:
    """An independent rule for text without format characters: what is left of NFC when every
    character that is neither letter, mark nor number is a space."""
    spaced = (c if unicodedata.category(c)[0] in "LMN" else " " for c in text)
    return unicodedata.normalize("NFC", "".join(spaced)).split()


def letters(text: str) -> list[str]:
    """Letters, marks and numbers without what is invisible."""
    text = unicodedata.normalize("NFC", text)
    shown = (c for c in text if not "\ufe00" <= c <= "\ufe0f" and not c >= "\U000e0100")
    kept = [c for c in shown if unicodedata.category(c)[0] in "LMN" and c != "\u02bc"]
    return list(unicodedata.normalize("NFC", "".join(kept)))


@given(TEXTS, LANGUAGES)
def test_normalising_twice_is_normalising_once(text: str, language: str) -> None:
    once = normalise(text, language)
    assert normalise(once, language) == once


@given(TEXTS, st.sampled_from(["ar", "de", "en", "fa", "hi", "ja", "ml", "ta", "th", "zh"]))
def test_no_letter_mark_or_number_is_lost(text: str, language: str) -> None:
    assert letters(normalise(text, language)) == letters(text.lower())


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
    assert normalise("ക്\u200dഷ ന്\u200d", "ml") == "ക്\u200dഷ ന്\u200d"
    assert normalise("Auf\u200clage", "de") == "auflage"
    assert normalise("\u200cكتاب\u200c", "fa") == "كتاب"
