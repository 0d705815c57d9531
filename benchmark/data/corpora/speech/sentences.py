"""Endless generators of short, correct phrases."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from num2words import num2words

from benchmark.data.corpora.speech.languages import LANGUAGES
from benchmark.data.corpora.speech.phrases import phrases
from benchmark.data.corpora.speech.writing import is_clean, tidy


def sentences(code: str, random: Random) -> Iterator[str]:
    """Phrases of one to six words in a language of `LANGUAGES`, each once, NFC, without digits.

    The same state of `random` gives the same phrases. Each language has millions.
    """
    language = LANGUAGES[code]
    kinds = phrases(language)
    seen = set()
    while True:
        text = tidy(random.choice(kinds)(random))
        if text not in seen and is_clean(text, language):
            seen.add(text)
            yield text


def digits(code: str, random: Random) -> Iterator[str]:
    """The words for 0 to 9 in a language of `LANGUAGES` that has `numbers`, over and over.

    Each block of ten is a permutation of all of them.
    """
    words = [str(num2words(number, lang=LANGUAGES[code].numbers)) for number in range(10)]
    while True:
        random.shuffle(words)
        yield from words
