"""Score stored hypotheses; a new metric or normaliser needs nothing but this."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from benchmark.execute.job import Context
from benchmark.execute.stages import HYPOTHESES, UTTERANCES
from benchmark.plan.stages import Score
from benchmark.scoring.errors import score
from benchmark.statistics.bootstrap import rate_interval


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
    table.to_parquet(context.folder / UTTERANCES, index=False)
    speakers = [None if pd.isna(speaker) else str(speaker) for speaker in table["speaker"]]
    seed = stage.interval.seed
    words = rate_interval(table["n_errors"], table["n_words"], speakers, seed)
    characters = rate_interval(table["n_character_errors"], table["n_characters"], speakers, seed)
    return {
        "wer": result.wer,
        "wer_low": _known(words.low),
        "wer_high": _known(words.high),
        "cer": result.cer,
        "cer_low": _known(characters.low),
        "cer_high": _known(characters.high),
        "n_utterances": len(table),
        "n_words": result.words.length,
        "n_errors": result.words.total,
        "n_characters": result.characters.length,
        "n_character_errors": result.characters.total,
        "deletion_rate": result.deletion_rate,
    }


def _known(bound: float) -> float | None:
    """As JSON has it: a single utterance has no interval."""
    return bound if math.isfinite(bound) else None
