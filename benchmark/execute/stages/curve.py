"""Transcribe the test set with each snapshot of an adaptation, and with where it ended.

Hypotheses are stored raw, to be scored later. The snapshots are deleted once they are there: those
of one adaptation take as much as its weights, times their number.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import torch

from benchmark.compression.storage.artefact import Artefact, Header
from benchmark.execute import snapshots
from benchmark.execute.job import Context
from benchmark.execute.networks import read_weights, reproducible
from benchmark.execute.stages import HYPOTHESES
from benchmark.plan.stages import Curve
from benchmark.runtimes.running.eager import TorchRecogniser
from benchmark.store.integrity import GONE, Damaged
from benchmark.store.stages import StageStore


def run(context: Context[Curve]) -> dict[str, Any]:
    with reproducible(context.seed):
        return _run(context)


def clean_up(context: Context[Curve]) -> None:
    """Delete the snapshots, once the hypotheses are stored."""
    snapshots.drop(context.job.store / context.stage.adapted)


def _run(context: Context[Curve]) -> dict[str, Any]:
    adapted = context.stage.adapted
    folder, record = context.output(adapted), StageStore(context.job.store).get(adapted)
    if record is None or snapshots.lost(folder, record.files or ()):
        # They were deleted once they had been transcribed, and now that is to be done again.
        raise Damaged(folder, snapshots.FOLDER, GONE, "adapt")
    kept, last = snapshots.steps(folder), record.facts["steps"]
    tables = []
    for step in kept:
        if step != last:
            tables.append(_transcribed(context, step, snapshots.read(folder, step)))
            context.progress(len(tables), len(kept) + 1)
    tables.append(_transcribed(context, last, read_weights(folder)))
    pd.concat(tables, ignore_index=True).to_parquet(context.folder / HYPOTHESES, index=False)
    return {"steps": [int(table["step"].iloc[0]) for table in tables]}


def _transcribed(
    context: Context[Curve], step: int, weights: dict[str, torch.Tensor]
) -> pd.DataFrame:
    stage = context.stage
    header = Header(
        model=stage.model["name"],
        settings=stage.model["settings"],
        num_features=stage.features.mels,
        vocabulary=stage.vocabulary,
        features=stage.features,
        language=stage.language,
        normaliser=stage.normaliser,
        compression="none",
    )
    prepared = context.corpus(stage.language)
    test = prepared.split("test")
    recogniser = TorchRecogniser(Artefact(header, weights), context.job.device)
    transcripts = recogniser.transcribe([prepared.waveform(u.uid) for u in test])
    return pd.DataFrame(
        {
            "step": step,
            "uid": [u.uid for u in test],
            "reference": [u.text for u in test],
            "hypothesis": [transcript.text for transcript in transcripts],
        }
    )
