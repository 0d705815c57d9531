import unicodedata
from itertools import islice
from random import Random

import pytest

from benchmark.data.corpora.speech.languages import LANGUAGES
from benchmark.data.corpora.speech.sentences import sentences

SCRIPTS = {
    "ARABIC": "ar fa ur",
    "ARMENIAN": "hy",
    "BENGALI": "bn",
    "CJK": "zh",
    "CYRILLIC": "be bg kk mk ru uk",
    "DEVANAGARI": "hi mr",
    "ETHIOPIC": "am",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "HANGUL": "ko",
    "MALAYALAM": "ml",
    "TAMIL": "ta",
    "TELUGU": "te",
}
SCRIPT_OF = {code: script for script, codes in SCRIPTS.items() for code in codes.split()}


def first(code: str, count: int, seed: int = 0) -> list[str]:
    return list(islice(sentences(code, Random(seed)), count))


def test_there_are_25_languages_and_6_scripts():
    assert len(LANGUAGES) >= 25
    assert len({SCRIPT_OF.get(code, "LATIN") for code in LANGUAGES}) >= 6


@pytest.mark.parametrize("code", LANGUAGES)
def test_texts_are_short_unique_and_in_the_script_of_their_language(code):
    texts = first(code, 300)
    assert len(set(texts)) == 300
    kana = ("KATAKANA", "HIRAGANA")
    expected = kana if code == "ja" else (SCRIPT_OF.get(code, "LATIN"),)
    for text in texts:
        assert text == unicodedata.normalize("NFC", text)
        assert 1 <= len(text.split()) <= 6
        for character in text:
            assert not unicodedata.category(character).startswith("N"), text
            if unicodedata.category(character)[0] in "LM":
                assert unicodedata.name(character).startswith(expected), text


@pytest.mark.parametrize("code", [code for code, language in LANGUAGES.items() if language.numbers])
def test_numbers_are_spelt_in_their_own_language(code):
    words = {word.strip(",") for text in first(code, 500) for word in text.lower().split()}
    english = {"seven", "eight", "nine", "twenty", "thirty", "forty", "hours", "ago"}
    assert bool(words & english) == (code == "en")


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_vocabulary_is_broad(code):
    # Without spaces between words a text is all that can be counted.
    words = {word for text in first(code, 500) for word in text.split()}
    assert len(words) > 200


@pytest.mark.parametrize(
    ("code", "phrase"),
    [
        ("de", "siebter"),
        ("de", "Kilometer pro Stunde"),
        ("en", "hours ago"),
        ("fr", "il y a"),
        ("pl", "miesięcy temu"),
        ("ro", "de minute"),
        ("ru", "минут назад"),
        ("tr", "on alt\u0131"),
        ("zh", "星期"),
    ],
)
def test_phrases_follow_the_grammar_that_cldr_gives(code, phrase):
    assert any(phrase in text for text in first(code, 1500))


def test_numbers_do_not_disagree_with_what_they_count():
    # "dwadzieścia dwa minut" would be wrong: 2 to 4 take another plural and a gender.
    words = {word for text in first("pl", 1000) for word in text.split()}
    assert not words & {"jeden", "dwa", "trzy", "cztery"}


def test_a_language_does_not_depend_on_those_used_before_it():
    # Babel's locales share data that is changed by looking at it.
    first("zh", 10)
    swahili = first("sw", 500)
    assert any("Januari" in text for text in swahili)
    assert any("Jumapili" in text for text in swahili)


def test_another_seed_gives_other_texts():
    assert first("de", 50, seed=0) == first("de", 50, seed=0) != first("de", 50, seed=1)
