"""The columns of utterances.parquet: one row per cell and test utterance, with its errors."""

from __future__ import annotations

from benchmark.results.column import Columns, by_name, count, label, measurement, text

COUNTS = ("n_words", "n_errors", "n_characters", "n_character_errors")

UTTERANCE: Columns = by_name(
    (
        label("cell", "see records.parquet", required=True),
        text("uid", "name of the utterance in its corpus", required=True),
        label("language"),
        text("speaker"),
        text("reference", "what was said, as published"),
        text("hypothesis", "what was recognised, before normalisation"),
        *(count(name, required=True, high=1e9) for name in COUNTS),
        measurement("duration", unit="s"),
        text("edits", "the alignment, a letter per word or character: = equal, s, d or i"),
    )
)
"""Its texts are raw, since digests are taken of them."""
