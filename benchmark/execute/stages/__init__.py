"""What each kind of stage does: one file per kind, with one function `run(context) -> facts`.

Timing is the exception: it measures several stages in one process, see `execute.timing`.
"""

HYPOTHESES = "hypotheses.parquet"
"""The table that `evaluate` leaves for others."""

UTTERANCES = "utterances.parquet"
"""The table that `score` leaves: hypotheses with their errors."""
