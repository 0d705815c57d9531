"""Which error rate a gate judges a language by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal, get_args

from benchmark.evidence.pairing import Metric, Runs
from benchmark.scoring.usable import DEAF

Name = Literal["wer", "cer"]


def judged_by(baseline: Iterable[Runs], metric: Metric) -> dict[str, Name]:
    """The metric of each language: its own, unless most cells of the baseline are at its ceiling.

    Small models get letters right long before words; characters then show losses that words hide.
    Where only characters are at their ceiling, words are judged. `metric` decides if it is given.
    """
    own: dict[str, Name] = {}
    ceiling: dict[tuple[str, Name], list[bool]] = defaultdict(list)
    for runs in baseline:
        language = str(runs.records["language"].iloc[0])
        own[language] = "cer" if str(runs.records["metric"].iloc[0]) == "cer" else "wer"
        for name in get_args(Name):
            rate = runs.records[name].mean() if name in runs.records else DEAF
            ceiling[language, name].append(not rate < DEAF)
    if metric != "own":
        return dict.fromkeys(own, metric)
    at_ceiling = {place: sum(found) > len(found) / 2 for place, found in ceiling.items()}
    chosen: dict[str, Name] = {}
    for language, name in own.items():
        if at_ceiling[language, "wer"]:
            chosen[language] = "cer"
        else:
            chosen[language] = "wer" if at_ceiling[language, "cer"] else name
    return chosen


def told(chosen: dict[str, Name]) -> str:
    """`judged by words in nl, pt; by characters in th`."""
    names = {"wer": "words", "cer": "characters"}
    parts = []
    for metric, name in names.items():
        if languages := [language for language, one in chosen.items() if one == metric]:
            parts.append(f"by {name} in {', '.join(languages)}")
    return f"judged {'; '.join(parts)}"
