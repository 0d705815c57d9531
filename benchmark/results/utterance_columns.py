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
        text("reference", "reference transcript, as published"),
        text("hypothesis", "recognised text, before normalisation"),
        *(count(name, required=True, high=1e9) for name in COUNTS),
        measurement("duration", unit="s"),
        text("edits", "alignment, a letter per word or character: = equal, s, d or i"),
    )
)
"""Texts are kept unchanged (`raw`), since digests are computed from them."""
