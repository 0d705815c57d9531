"""Word and character errors per utterance, from which all error rates are computed.

The rate of a set of utterances is the sum of their errors divided by the sum of their lengths,
never a mean of rates, so long utterances count in proportion to their words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import jiwer

from benchmark.data.text import normalise
from benchmark.errors import DataError

Metric = Literal["wer", "cer"]


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
    """One utterance: its normalised texts and its errors in words and characters."""

    reference: str
    hypothesis: str
    words: Errors
    characters: Errors


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
    words = _errors(jiwer.process_words(true, recognised))
    space = "" if metric == "cer" else " "
    characters = _errors(
        jiwer.process_characters(
            [text.replace(" ", space) for text in true],
            [text.replace(" ", space) for text in recognised],
        )
    )
    return Score(tuple(map(Scored, true, recognised, words, characters)), metric)


def _errors(output: jiwer.WordOutput | jiwer.CharacterOutput) -> list[Errors]:
    counted = []
    for reference, chunks in zip(output.references, output.alignments, strict=True):
        edits = dict.fromkeys(("substitute", "delete", "insert", "equal"), 0)
        for chunk in chunks:
            in_reference = chunk.ref_end_idx - chunk.ref_start_idx
            edits[chunk.type] += max(in_reference, chunk.hyp_end_idx - chunk.hyp_start_idx)
        counted.append(
            Errors(len(reference), edits["substitute"], edits["delete"], edits["insert"])
        )
    return counted


def _sum(errors: Sequence[Errors]) -> Errors:
    return Errors(
        sum(e.length for e in errors),
        sum(e.substitutions for e in errors),
        sum(e.deletions for e in errors),
        sum(e.insertions for e in errors),
    )
