"""Transcribe the test set with a compressed file; hypotheses are stored raw, to be scored later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pandas as pd

from benchmark.compression.storage.artefact import Artefact, load_artefact
from benchmark.data.base import Utterance
from benchmark.execute.job import Context
from benchmark.execute.networks import reproducible
from benchmark.execute.stages import HYPOTHESES
from benchmark.execute.test_sets import parts
from benchmark.execute.verdict import is_out_of_memory
from benchmark.plan.stages import Evaluate
from benchmark.runtimes.base import named_runtime
from benchmark.runtimes.running.recogniser import Transcript
from benchmark.runtimes.running.together import StackedRecogniser


def run(context: Context[Evaluate]) -> dict[str, Any]:
    with reproducible(context.seed):
        return _run(context)


def run_together(contexts: Sequence[Context[Evaluate]]) -> list[dict[str, Any] | Exception]:
    """The same for artefacts that transcribe one test set with the native runtime.

    Those of one architecture compute as one stack; `stack` is how many they are.
    """
    artefacts: dict[int, Artefact] = {}
    ends: dict[int, dict[str, Any] | Exception] = {}
    alike: dict[str, list[int]] = defaultdict(list)
    for i, context in enumerate(contexts):
        try:
            file = named_runtime(None).file(context.output(context.stage.artefact))
            artefacts[i] = load_artefact(file)
            header = artefacts[i].header
            alike[repr((header.architecture(), header.features))].append(i)
        except Exception as error:
            ends[i] = error
    with reproducible(contexts[0].seed):
        for places in alike.values():
            group = [contexts[i] for i in places]
            facts = _stacked(group, [artefacts[i] for i in places])
            ends |= zip(places, facts, strict=True)
    return [ends[i] for i in range(len(contexts))]


def _run(context: Context[Evaluate]) -> dict[str, Any]:
    stage = context.stage
    prepared = context.corpus(stage.language)
    runtime = named_runtime(stage.runtime)
    file = runtime.file(context.output(stage.artefact))
    recogniser = runtime.load(file, context.job.device)
    test = prepared.split("test")
    transcripts = recogniser.transcribe([prepared.waveform(u.uid) for u in test])
    return _write(context, test, transcripts)


def _stacked(
    contexts: Sequence[Context[Evaluate]], artefacts: Sequence[Artefact]
) -> Sequence[dict[str, Any] | Exception]:
    """The facts of stages whose artefacts have one architecture."""
    if len(contexts) == 1:
        return [_alone(contexts[0])]
    try:
        transcripts = _transcribed(contexts[0], artefacts)
    except Exception as error:
        if is_out_of_memory(error):
            return [error] * len(contexts)
        # What cannot be computed for several at once, or whose weights are to blame.
        return [_alone(context) for context in contexts]
    test = contexts[0].corpus(contexts[0].stage.language).split("test")
    return [
        {**_write(context, test, own), "stack": len(contexts)}
        for context, own in zip(contexts, transcripts, strict=True)
    ]


def _alone(context: Context[Evaluate]) -> dict[str, Any] | Exception:
    try:
        return _run(context)
    except Exception as error:
        return error


def _transcribed(
    context: Context[Evaluate], artefacts: Sequence[Artefact]
) -> list[list[Transcript]]:
    """The transcripts of the test set of a stage by each of some artefacts."""
    device, prepared = context.job.device, context.corpus(context.stage.language)
    recogniser = StackedRecogniser(artefacts, device)
    heard: list[dict[int, Transcript]] = [{} for _ in artefacts]
    for part in parts(prepared, artefacts[0].header, device):
        for own, transcripts in zip(heard, recogniser.transcribe(part.batch), strict=True):
            own.update(zip(part.places, transcripts, strict=True))
    return [[own[i] for i in sorted(own)] for own in heard]


def _write(
    context: Context[Evaluate], test: Sequence[Utterance], transcripts: Sequence[Transcript]
) -> dict[str, Any]:
    """Store what was heard of the utterances of a test set; returns the facts."""
    table = pd.DataFrame(
        {
            "uid": [u.uid for u in test],
            "language": context.stage.language,
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
