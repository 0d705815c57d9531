"""What a person is told of the speech of a suite: doubtful languages, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from benchmark.data.languages import doubt
from benchmark.plan.speech import Speech
from benchmark.results.provenance import unfit
from benchmark.store.stages import StageRecord
from benchmark.suite.schema import Suite

MOST_LANGUAGES = 8
"""How many languages are told of, those that lost the largest share first."""


def tell_doubts(suite: Suite, console: Console) -> None:
    """One line for each key of the suite that is no language code, or hardly the one meant."""
    for language in suite.data.languages:
        if reason := doubt(language):
            console.print(f"data: {reason}", style="yellow", markup=False)


def tell_left_out(speech: Speech, console: Console) -> None:
    """A line per language from which utterances were left out; nothing where none were."""
    prepared = [one.prepared for one in speech.languages.values() if one.prepared]
    prepared.sort(key=lambda of: of.num_left_out / (1 + len(of.utterances)), reverse=True)
    lines = [losses for of in prepared if (losses := of.losses)]
    for line in lines[:MOST_LANGUAGES]:
        console.print(f"left out: {line}", style="yellow", markup=False)
    if len(lines) > MOST_LANGUAGES:
        console.print(
            f"left out: also of {len(lines) - MOST_LANGUAGES} other languages, see the report",
            style="yellow",
        )


def tell_unfit(records: Iterable[StageRecord], console: Console) -> None:
    """A line for each model and language of which texts did not fit the frames of the model."""
    for one in unfit(records)[:MOST_LANGUAGES]:
        console.print(
            "left out: {model} did not learn from {left_out} of {of} utterances of {language},"
            " whose texts are longer than its frames".format(**one),
            style="yellow",
            markup=False,
        )
