"""Compress an initialisation, so that the small network adapts."""

from __future__ import annotations

from typing import Any

from benchmark.compression.chain.before import belongs_to, compress_body
from benchmark.compression.chain.subject import Subject
from benchmark.compression.storage.artefact import Header, save_artefact
from benchmark.compression.storage.weight import weights_of
from benchmark.compression.structure.architecture import Architecture
from benchmark.compression.structure.edits import to_json
from benchmark.errors import Unsupported
from benchmark.execute.compressed import names, start_file, techniques
from benchmark.execute.job import Context
from benchmark.execute.networks import (
    read_learnt,
    read_weights,
    reproducible,
    save_learnt,
)
from benchmark.plan.stages import CompressStart

UNDETERMINED = "und"
"""The language of a file that knows none yet (ISO 639-2)."""


def run(context: Context[CompressStart]) -> dict[str, Any]:
    with reproducible(context.seed):
        return _run(context)


def _run(context: Context[CompressStart]) -> dict[str, Any]:
    stage = context.stage
    start, links = context.output(stage.start), names(stage.compression)
    whole = Architecture(
        stage.model["name"], stage.model["settings"], stage.features.mels, len(stage.vocabulary)
    )
    subject = Subject(whole, weights_of(read_weights(start)))
    subject, changes = compress_body(subject, techniques(stage.compression), links)
    learnt, edits = read_learnt(start, "cpu"), subject.architecture.edits
    if any(belongs_to(name, edits) for name in learnt):
        raise Unsupported(
            "what the method has learnt besides the weights belongs to layers that"
            f" {'+'.join(links)} has changed"
        )
    header = Header(
        model=whole.model,
        settings=whole.settings,
        num_features=whole.num_features,
        vocabulary=stage.vocabulary,
        features=stage.features,
        language=UNDETERMINED,
        normaliser=stage.normaliser,
        compression="+".join(links),
        edits=tuple(to_json(edits)),
    )
    save_artefact(start_file(context.folder), subject.weights, header)
    save_learnt(learnt, context.folder)
    return {"changes": [change.to_json() for change in changes]}
