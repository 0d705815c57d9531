"""Word and character errors per utterance, from which all error rates are computed.

The rate of a set of utterances is the sum of their errors divided by the sum of their lengths,
never a mean of rates, so long utterances count in proportion to their words.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import jiwer

from benchmark.data.text import normalise
from benchmark.errors import DataError

Metric = Literal["wer", "cer"]

EDITS = {"equal": "=", "substitute": "s", "delete": "d", "insert": "i"}
"""The letters of an alignment, one for each word or character on either side of a step."""


@dataclass(frozen=True, slots=True)
class Errors:
    """Edits that turn a reference of `length` units into the hypothesis."""

    length: int
    substitutions: int
    deletions: int
    insertions: int

    @property
    def total(self) -> int:
        """The number of edits: Levenshtein distance."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        """Edits per unit of the reference, a fraction that can exceed 1 because of insertions."""
        return self.total / self.length


@dataclass(frozen=True, slots=True)
class Scored:
    """One utterance: its normalised texts, its errors in words and characters, and its alignment.

    `edits` has a letter for each step of the alignment by the metric that counts, see `EDITS`.
    """

    reference: str
    hypothesis: str
    words: Errors
    characters: Errors
    edits: str


@dataclass(frozen=True)
class Score:
    """The errors of a set of utterances in one language; `metric` is the metric of that
    language."""

    utterances: tuple[Scored, ...]
    metric: Metric

    @property
    def words(self) -> Errors:
        """Errors in words, summed."""
        return _sum([u.words for u in self.utterances])

    @property
    def characters(self) -> Errors:
        """Errors in characters, summed."""
        return _sum([u.characters for u in self.utterances])

    @property
    def wer(self) -> float:
        """Word error rate."""
        return self.words.rate

    @property
    def cer(self) -> float:
        """Character error rate."""
        return self.characters.rate

    @property
    def counted(self) -> list[Errors]:
        """Errors of each utterance in the units of `metric`."""
        return [u.words if self.metric == "wer" else u.characters for u in self.utterances]

    @property
    def deletion_rate(self) -> float:
        """Deletions per unit of the reference, near 1 for a model that outputs nothing."""
        total = _sum(self.counted)
        return total.deletions / total.length


def score(
    references: Sequence[str], hypotheses: Sequence[str], language: str, metric: Metric
) -> Score:
    """Align raw hypotheses with raw references, after normalisation.

    Spaces count as characters in languages that separate words by spaces. In all others (`cer`)
    spaces are not part of the writing and are not counted. Raises DataError for a reference without
    words, and if there are no references.
    """
    if not references:
        raise DataError(f"no test utterances of {language} to score")
    true = [normalise(text, language) for text in references]
    recognised = [normalise(text, language) for text in hypotheses]
    for raw, text in zip(references, true, strict=True):
        if not text:
            raise DataError(f"a reference without words cannot be scored: {raw!r} ({language})")
    words = _edits(jiwer.process_words(true, recognised))
    space = "" if metric == "cer" else " "
    characters = _edits(
        jiwer.process_characters(
            [text.replace(" ", space) for text in true],
            [text.replace(" ", space) for text in recognised],
        )
    )
    edits = characters if metric == "cer" else words
    scored = map(Scored, true, recognised, map(_errors, words), map(_errors, characters), edits)
    return Score(tuple(scored), metric)


def edits_of(reference: str, hypothesis: str, metric: Metric) -> str:
    """The alignment of two normalised texts by words, or by characters that are no spaces (`cer`);
    see `EDITS`."""
    if metric == "cer":
        true, recognised = reference.replace(" ", ""), hypothesis.replace(" ", "")
        return _edits(jiwer.process_characters(true, recognised))[0]
    return _edits(jiwer.process_words(reference, hypothesis))[0]


def count_errors(reference: Sequence[Hashable], hypothesis: Sequence[Hashable]) -> Errors:
    """The fewest edits between two sequences of units of any kind: marks, tones, phonemes."""
    if not reference:
        return Errors(0, 0, 0, len(hypothesis))
    places = {unit: place for place, unit in enumerate(dict.fromkeys((*reference, *hypothesis)))}
    # A private character for each unit: none of them is a space, which would be stripped.
    true, recognised = (
        "".join(chr(0xF0000 + places[unit]) for unit in units) for units in (reference, hypothesis)
    )
    return _errors(_edits(jiwer.process_characters(true, recognised))[0])


def _edits(output: jiwer.WordOutput | jiwer.CharacterOutput) -> list[str]:
    """The alignment of each pair of texts."""
    return [
        "".join(
            EDITS[chunk.type]
            * max(chunk.ref_end_idx - chunk.ref_start_idx, chunk.hyp_end_idx - chunk.hyp_start_idx)
            for chunk in chunks
        )
        for chunks in output.alignments
    ]


def _errors(edits: str) -> Errors:
    substitutions, deletions, insertions = (edits.count(letter) for letter in "sdi")
    return Errors(len(edits) - insertions, substitutions, deletions, insertions)


def _sum(errors: Sequence[Errors]) -> Errors:
    return Errors(
        sum(e.length for e in errors),
        sum(e.substitutions for e in errors),
        sum(e.deletions for e in errors),
        sum(e.insertions for e in errors),
    )
