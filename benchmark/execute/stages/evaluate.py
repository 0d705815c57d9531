"""Transcribe the test set with a compressed file; hypotheses are stored raw, to be scored later."""

from __future__ import annotations

from typing import Any

import pandas as pd

from benchmark.execute.job import Context
from benchmark.execute.networks import reproducible
from benchmark.execute.stages import HYPOTHESES
from benchmark.plan.stages import Evaluate
from benchmark.runtimes.base import named_runtime


def run(context: Context[Evaluate]) -> dict[str, Any]:
    with reproducible(context.seed):
        return _run(context)


def _run(context: Context[Evaluate]) -> dict[str, Any]:
    stage = context.stage
    prepared = context.corpus(stage.language)
    test = prepared.split("test")
    runtime = named_runtime(stage.runtime)
    file = runtime.file(context.output(stage.artefact))
    recogniser = runtime.load(file, context.job.device)
    transcripts = recogniser.transcribe([prepared.waveform(u.uid) for u in test])
    table = pd.DataFrame(
        {
            "uid": [u.uid for u in test],
            "language": stage.language,
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
