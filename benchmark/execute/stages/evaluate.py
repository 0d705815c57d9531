"""Transcribe the test set with a compressed file; hypotheses are stored raw, to be scored later."""

from __future__ import annotations

from typing import Any

import pandas as pd

from benchmark.execute.job import Context
from benchmark.execute.networks import reproducible
from benchmark.execute.stages import HYPOTHESES
from benchmark.runtimes.base import runtime_of


def run(context: Context) -> dict[str, Any]:
    with reproducible(context.seed):
        return _run(context)


def _run(context: Context) -> dict[str, Any]:
    identity = context.identity
    prepared = context.corpus(identity["language"])
    test = prepared.split("test")
    runtime = runtime_of(identity)
    file = runtime.file(context.output(identity["artefact"]))
    recogniser = runtime.load(file, context.job.device)
    transcripts = recogniser.transcribe([prepared.waveform(u.uid) for u in test])
    table = pd.DataFrame(
        {
            "uid": [u.uid for u in test],
            "language": identity["language"],
            "speaker": [u.speaker for u in test],
            "reference": [u.text for u in test],
            "hypothesis": [transcript.text for transcript in transcripts],
            "blank_fraction": [transcript.blank_fraction for transcript in transcripts],
            "duration": [u.duration for u in test],
        }
    )
    table.to_parquet(context.folder / HYPOTHESES, index=False)
    blanks = table["blank_fraction"].dropna()
    return {"blank_fraction": float(blanks.mean()) if len(blanks) else None}
