"""The names of all files that a results folder, a baseline and a published board consist of."""

from __future__ import annotations

RECORDS = "records.parquet"
"""One row per cell."""

UTTERANCES = "utterances.parquet"
"""One row per cell and test utterance."""

TRIALS = "trials.parquet"
"""One row per trial of tuning and instance that it was judged on."""

PROVENANCE = "provenance.json"
"""Versions, machine, data, suite and command; sealed, with a stamp of each table."""

TABLES = (RECORDS, UTTERANCES, TRIALS)

STAGES = "stages"
"""The folder of finished stages."""

BASELINE = "baseline.parquet"
"""Records and error counts in one file, small enough to be committed."""

BOARD_JSON, BOARD_CSV, BOARD_PARQUET = (
    "leaderboard.json",
    "leaderboard.csv",
    "leaderboard.parquet",
)
"""The rows of a published board. A report has a leaderboard.csv, too: a row per combination."""
