"""The steps of an alignment as a person reads them."""

from __future__ import annotations

from itertools import groupby

from benchmark.scoring.errors import EDITS, Metric, edits_of

Step = tuple[str, str, str]
"""(kind, reference part, hypothesis part); kind is equal, substitute, insert or delete."""

KINDS = {letter: kind for kind, letter in EDITS.items()}


def align(reference: str, hypothesis: str, metric: Metric, edits: str | None = None) -> list[Step]:
    """The steps that turn normalised `reference` into `hypothesis`, equal neighbours joined.

    By words, or by characters where `metric` is `cer`; spaces are none. `edits` is the alignment
    that scoring kept; where there is none, or it is that of other texts, they are aligned anew.
    """
    left, right = _units(reference, metric), _units(hypothesis, metric)
    if edits is None or not _fits(edits, left, right):
        edits = edits_of(reference, hypothesis, metric)
    glue = "" if metric == "cer" else " "
    steps: list[Step] = []
    i = j = 0
    for letter, run in groupby(edits):
        number = len(list(run))
        source = left[i : i + number] if letter in "=sd" else []
        target = right[j : j + number] if letter in "=si" else []
        i, j = i + len(source), j + len(target)
        if letter == "s" and metric == "wer":
            steps += [(KINDS[letter], a, b) for a, b in zip(source, target, strict=True)]
        else:
            steps.append((KINDS[letter], glue.join(source), glue.join(target)))
    return steps


def _units(text: str, metric: Metric) -> list[str]:
    return list(text.replace(" ", "")) if metric == "cer" else text.split()


def _fits(edits: str, left: list[str], right: list[str]) -> bool:
    """Whether `edits` turns `left` into `right`."""
    if set(edits) - set(KINDS):
        return False
    deleted, inserted = edits.replace("i", ""), edits.replace("d", "")
    if (len(deleted), len(inserted)) != (len(left), len(right)):
        return False
    kept = [unit for unit, letter in zip(left, deleted, strict=True) if letter == "="]
    return kept == [unit for unit, letter in zip(right, inserted, strict=True) if letter == "="]
