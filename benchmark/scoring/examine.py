"""Whether a metric counts as a metric should, on a few sentences."""

from __future__ import annotations

from typing import NamedTuple

from benchmark.errors import UserError
from benchmark.foreign import blaming
from benchmark.scoring.errors import Errors, Score, score
from benchmark.scoring.metrics.base import ErrorRate

SENTENCES = {
    "ar": "السَّاعَة التَّاسِعَة صَبَاحًا",
    "de": "Der Zug fährt um zwanzig nach neun.",
    "en": "The train leaves at twenty past nine.",
    "hi": "गाड़ी नौ बजे चलती है",
    "ja": "今日は三月二十三日です",
    "th": "รถไฟออกเก้าโมงเช้า",
    "tr": "Saat dokuzu yirmi geçe İstanbul'dan kalkıyor.",  # noqa: RUF001
    "vi": "Tàu khởi hành lúc chín giờ hai mươi.",
    "yo": "Ọkọ̀ ojú irin yóò gbéra ní agogo mẹ́sàn-án.",
}
"""By language; between them they have most of what a metric may count."""


class Findings(NamedTuple):
    """What is wrong with a metric, and what it counts."""

    problems: list[str]
    facts: list[str]


def examine(cls: type[ErrorRate]) -> Findings:
    """Count the errors of sentences that were recognised rightly, wrongly and not at all.

    Nothing may be counted where a sentence was recognised rightly, and all of its units are errors
    where nothing was.
    """
    try:
        with blaming("it cannot be made without parameters, which no suite sets"):
            metric = cls()
    except UserError as error:
        return Findings([str(error)], [])
    problems: list[str] = []
    counted: dict[str, int] = {}
    for language, sentence in SENTENCES.items():
        try:
            with blaming(f"`count` fails on {language}"):
                right, silent, other = (
                    metric.count(_scored(sentence, heard, language).utterances[0])
                    for heard in (sentence, "", SENTENCES["en" if language != "en" else "de"])
                )
        except UserError as error:
            return Findings([str(error)], [])
        for errors in (right, silent, other):
            if wrong := _malformed(errors):
                return Findings([f"`count` gives {wrong}"], [])
        if right.total:
            problems.append(f"{language}: {right.total} errors where nothing was misrecognised")
        if silent.total != silent.length or not right.length == silent.length == other.length:
            problems.append(f"{language}: not all of {right.length} units are errors of silence")
        if right.length:
            counted[language] = right.length
    if not counted:
        problems.append(f"it counts no units in sentences of {', '.join(SENTENCES)}")
    units = ", ".join(f"{language} {number}" for language, number in counted.items())
    return Findings(problems, [f"units in a sentence each: {units or 'none'}"])


def _scored(sentence: str, heard: str, language: str) -> Score:
    return score([sentence], [heard], language, "cer" if language in ("ja", "th") else "wer")


def _malformed(errors: object) -> str | None:
    """What a count is, where it is none."""
    if not isinstance(errors, Errors):
        return f"a value of type {type(errors).__name__}, not Errors"
    parts = (errors.length, errors.substitutions, errors.deletions, errors.insertions)
    whole = all(isinstance(part, int) and part >= 0 for part in parts)
    return None if whole else f"{errors}, whose parts must be whole numbers of 0 or more"
