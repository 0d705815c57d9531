"""What each kind of stage does: one file per kind, with one function `run(context) -> facts`.

Timing is the exception: it measures several stages in one process, see `execute.timing`.
"""

ARTEFACT = "artefact.safetensors"
"""The file that `compress` leaves for others."""

HYPOTHESES = "hypotheses.parquet"
"""The table that `evaluate` leaves for others."""
