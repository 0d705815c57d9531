"""Which error rate a gate judges a language by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

from benchmark.evidence.pairing import Metric, Runs

DEAF = 0.95
"""With an error rate from here on a baseline recognises nothing that could be lost."""


def judged_by(baseline: Iterable[Runs], metric: Metric) -> dict[str, Literal["wer", "cer"]]:
    """The metric of each language: its own, unless most cells of the baseline are deaf by words.

    Small models get letters right long before words; characters then show losses that words hide.
    """
    own: dict[str, str] = {}
    words: dict[str, list[float]] = defaultdict(list)
    for runs in baseline:
        language = str(runs.records["language"].iloc[0])
        own[language] = str(runs.records["metric"].iloc[0])
        words[language].append(float(runs.records["wer"].mean()))
    chosen: dict[str, Literal["wer", "cer"]] = {}
    for language, rates in words.items():
        deaf = sum(rate >= DEAF for rate in rates) > len(rates) / 2
        by_words = own[language] == "wer" and not deaf if metric == "own" else metric == "wer"
        chosen[language] = "wer" if by_words else "cer"
    return chosen


def told(chosen: dict[str, Literal["wer", "cer"]]) -> str:
    """`judged by words in nl, pt; by characters in th`."""
    names = {"wer": "words", "cer": "characters"}
    parts = []
    for metric, name in names.items():
        if languages := [language for language, one in chosen.items() if one == metric]:
            parts.append(f"by {name} in {', '.join(languages)}")
    return f"judged {'; '.join(parts)}"
