"""Score stored hypotheses; a new metric or normaliser needs nothing but this."""

from __future__ import annotations

from typing import Any

import pandas as pd

from benchmark.execute.job import Context
from benchmark.execute.stages import HYPOTHESES, UTTERANCES
from benchmark.plan.stages import Score
from benchmark.scoring.errors import score
from benchmark.scoring.measure import measure
from benchmark.scoring.metrics.base import BASIC, METRICS


def run(context: Context[Score]) -> dict[str, Any]:
    stage = context.stage
    table = pd.read_parquet(context.output(stage.hypotheses) / HYPOTHESES)
    result = score(
        list(table["reference"]),
        list(table["hypothesis"]),
        stage.language,
        stage.metric,
    )
    table["n_words"] = [u.words.length for u in result.utterances]
    table["n_errors"] = [u.words.total for u in result.utterances]
    table["n_characters"] = [u.characters.length for u in result.utterances]
    table["n_character_errors"] = [u.characters.total for u in result.utterances]
    table["edits"] = [u.edits for u in result.utterances]
    table.to_parquet(context.folder / UTTERANCES, index=False)
    facts: dict[str, Any] = {
        "n_utterances": len(table),
        "n_words": result.words.length,
        "n_errors": result.words.total,
        "n_characters": result.characters.length,
        "n_character_errors": result.characters.total,
        "deletion_rate": result.deletion_rate,
    }
    speakers = [None if pd.isna(speaker) else str(speaker) for speaker in table["speaker"]]
    seed = stage.interval.seed
    for name in (*BASIC, *(added["name"] for added in stage.metrics or ())):
        facts |= measure(name, METRICS.make(name), result, speakers, seed)
    return facts
