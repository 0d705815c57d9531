from __future__ import annotations

import pytest

from benchmark.data.languages import canonical, doubt, metric, name, primary, script
from benchmark.data.text import normalise


@pytest.mark.parametrize(
    "language",
    ["zh", "zh-Hant-TW", "cmn_hans_cn", "yue", "ja", "th", "lo", "bo", "bod", "tib", "dzo", "jpn"],
)
def test_unspaced_languages_are_judged_by_characters(language: str) -> None:
    assert metric(language) == "cer"


@pytest.mark.parametrize("language", ["nl", "pt_br", "tw", "ml", "vi", "ko", "thx"])
def test_spaced_languages_are_judged_by_words(language: str) -> None:
    assert metric(language) == "wer"


@pytest.mark.parametrize(
    ("language", "english", "code"),
    [
        ("nl", "Dutch", "Latn"),
        ("pt_br", "Portuguese", "Latn"),
        ("ml", "Malayalam", "Mlym"),
        ("cmn_hans_cn", "Chinese", "Hans"),
        ("zh-TW", "Chinese", "Hant"),
        ("sr-Latn", "Serbian", "Latn"),
        ("tw", "Twi", "Latn"),
        ("chr", "Cherokee", "Cher"),
        ("qqq", "qqq", None),
    ],
)
def test_names_and_scripts(language: str, english: str, code: str | None) -> None:
    assert (name(language), script(language)) == (english, code)


@pytest.mark.parametrize(
    "codes",
    [
        ("bo", "bod", "tib"),
        ("dz", "dzo"),
        ("zh", "zho", "chi", "cmn", "zh-CN", "cmn_hans_cn"),
        ("he", "iw", "heb"),
        ("de", "deu", "ger", "de_DE", "de-Latn"),
        ("nl", "nl_nl", "nld", "dut"),
        ("tw", "twi", "ak"),
        ("no", "nb", "nob"),
        ("ro", "mo", "ron", "rum"),
    ],
)
def test_codes_of_one_language_are_one(codes: tuple[str, ...]) -> None:
    assert len({canonical(code)[0] for code in codes}) == 1
    assert len({metric(code) for code in codes}) == 1
    text = "\u015eI \u0130 \u064a\u0643 \u02bbo \u4f60 \u597d"
    assert len({normalise(text, code) for code in codes}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("deu", "de_DE"), ("cmn_hans_cn", "zh"), ("bod", "bo"), ("sr-Latn-RS", "sr-Latn")],
)
def test_tags_that_say_the_same_are_equal(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"), [("pt_BR", "pt_PT"), ("zh-CN", "zh-TW"), ("sr-Latn", "sr"), ("nn", "nb")]
)
def test_varieties_of_a_language_are_told_apart(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("english", "en"),
        ("German", "de"),
        ("brazilian_portuguese", "pt-BR"),
        ("cz", "cs"),
        ("jp", "ja"),
        ("kr", "ko"),
        ("sp", "es"),
        ("gr", "el"),
        ("ua", "uk"),
        ("cn", "zh"),
    ],
)
def test_what_is_no_language_code_is_told_with_the_code_meant(key: str, meant: str) -> None:
    reason = doubt(key)
    assert reason is not None
    assert f"{meant!r}" in reason


@pytest.mark.parametrize("code", ["aa", "chr", "dzo", "tw", "yue", "kmr", "ckb", "haw", "tts"])
def test_codes_of_small_languages_are_no_mistake(code: str) -> None:
    assert doubt(code) is None


def test_a_code_that_nobody_knows_is_told_without_a_guess() -> None:
    assert "did you mean" not in str(doubt("qqq"))
    assert primary("qqq") == "qqq"
