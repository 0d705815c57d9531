"""Chooses the error rate by which the gate judges each language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal, get_args

from benchmark.evidence.pairing import Metric, Runs
from benchmark.scoring.usable import UNUSABLE_ERROR_RATE

Name = Literal["wer", "cer"]


def choose_metrics(baseline: Iterable[Runs], metric: Metric) -> dict[str, Name]:
    """Choose the metric of each language: its own, unless that is saturated in the baseline.

    A metric is saturated if it is near 100 % in most cells. Small models recognise characters long
    before words, so the character error rate shows losses that a saturated word error rate hides.
    If only the character error rate is saturated, the word error rate is used. A `metric` other
    than `own` applies to all languages.
    """
    own: dict[str, Name] = {}
    saturated: dict[tuple[str, Name], list[bool]] = defaultdict(list)
    for runs in baseline:
        language = str(runs.records["language"].iloc[0])
        own[language] = "cer" if str(runs.records["metric"].iloc[0]) == "cer" else "wer"
        for name in get_args(Name):
            rate = runs.records[name].mean() if name in runs.records else UNUSABLE_ERROR_RATE
            saturated[language, name].append(not rate < UNUSABLE_ERROR_RATE)
    if metric != "own":
        return dict.fromkeys(own, metric)
    is_saturated = {place: sum(flags) > len(flags) / 2 for place, flags in saturated.items()}
    chosen: dict[str, Name] = {}
    for language, name in own.items():
        if is_saturated[language, "wer"]:
            chosen[language] = "cer"
        else:
            chosen[language] = "wer" if is_saturated[language, "cer"] else name
    return chosen


def describe_metrics(chosen: dict[str, Name]) -> str:
    """`judged by words in nl, pt; by characters in th`."""
    names = {"wer": "words", "cer": "characters"}
    parts = []
    for metric, name in names.items():
        if languages := [language for language, used in chosen.items() if used == metric]:
            parts.append(f"by {name} in {', '.join(languages)}")
    return f"judged {'; '.join(parts)}"
