from __future__ import annotations

import pytest

from benchmark.data.languages import metric, name, script


@pytest.mark.parametrize("language", ["zh", "zh-Hant-TW", "cmn_hans_cn", "yue", "ja", "th", "lo"])
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
