"""The file names of results folders, baselines and published boards."""

from __future__ import annotations

RECORDS = "records.parquet"
"""One row per cell."""

UTTERANCES = "utterances.parquet"
"""One row per cell and test utterance."""

TRIALS = "trials.parquet"
"""One row per tuning trial and instance that it was evaluated on."""

PROVENANCE = "provenance.json"
"""Versions, machine, data, suite and command; sealed, with a stamp of each table."""

TABLES = (RECORDS, UTTERANCES, TRIALS)

STAGES = "stages"
"""The folder of finished stages."""

BASELINE = "baseline.parquet"
"""Records and error counts in one file, small enough to commit."""

BOARD_JSON, BOARD_CSV, BOARD_PARQUET = (
    "leaderboard.json",
    "leaderboard.csv",
    "leaderboard.parquet",
)
"""The rows of a published board. The leaderboard.csv of a report has a row per combination."""
