"""Warnings about the speech of a suite: doubtful language codes and left-out utterances."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from benchmark.data.languages import doubt
from benchmark.plan.speech import Speech
from benchmark.results.provenance import unfit_utterances
from benchmark.store.stages import StageRecord
from benchmark.suite.schema import Suite

MOST_LANGUAGES = 8
"""The most languages that are printed; those that lost the largest share come first."""


def warn_of_doubtful_languages(suite: Suite, console: Console) -> None:
    """Print a line for each language of the suite whose code is unknown or probably a typo."""
    for language in suite.data.languages:
        if reason := doubt(language):
            console.print(f"data: {reason}", style="yellow", markup=False)


def warn_of_left_out(speech: Speech, console: Console) -> None:
    """Print a line for each language from which utterances were left out."""
    prepared = [language.prepared for language in speech.languages.values() if language.prepared]
    prepared.sort(key=lambda p: p.num_left_out / (1 + len(p.utterances)), reverse=True)
    lines = [losses for p in prepared if (losses := p.losses)]
    for line in lines[:MOST_LANGUAGES]:
        console.print(f"left out: {line}", style="yellow", markup=False)
    if len(lines) > MOST_LANGUAGES:
        console.print(
            f"left out: utterances of {len(lines) - MOST_LANGUAGES} more languages; see the report",
            style="yellow",
        )


def warn_of_long_texts(records: Iterable[StageRecord], console: Console) -> None:
    """Print a line for each model and language with texts longer than the frames of the model."""
    for loss in unfit_utterances(records)[:MOST_LANGUAGES]:
        console.print(
            "left out: {model} did not learn from {left_out} of {of} utterances of {language},"
            " whose texts are longer than its frames".format(**loss),
            style="yellow",
            markup=False,
        )
