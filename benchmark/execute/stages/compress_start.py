"""Compress an initialisation, so that the small network adapts."""

from __future__ import annotations

from typing import Any

from benchmark.compression.chain.before import belongs_to, compress_body
from benchmark.compression.chain.subject import Subject
from benchmark.compression.storage.artefact import Header, save_artefact
from benchmark.compression.storage.weight import weights_of
from benchmark.compression.structure.architecture import Architecture
from benchmark.compression.structure.edits import to_json
from benchmark.data.features import Features
from benchmark.errors import Unsupported
from benchmark.execute.compressed import names, start_file, techniques
from benchmark.execute.job import Context
from benchmark.execute.networks import (
    read_learnt,
    read_weights,
    reproducible,
    save_learnt,
    vocabulary,
)

UNDETERMINED = "und"
"""The language of a file that knows none yet (ISO 639-2)."""


def run(context: Context) -> dict[str, Any]:
    with reproducible(context.seed):
        return _run(context)


def _run(context: Context) -> dict[str, Any]:
    identity = context.identity
    start = context.output(identity["start"])
    model, units = identity["model"], vocabulary(identity)
    features = Features(**identity["features"])
    whole = Architecture(model["name"], model["settings"], features.mels, len(units))
    subject = Subject(whole, weights_of(read_weights(start)))
    subject, changes = compress_body(subject, techniques(identity), names(identity))
    learnt, edits = read_learnt(start, "cpu"), subject.architecture.edits
    if any(belongs_to(name, edits) for name in learnt):
        raise Unsupported(
            "what the method has learnt besides the weights belongs to layers that"
            f" {'+'.join(names(identity))} has changed"
        )
    header = Header(
        model=whole.model,
        settings=whole.settings,
        num_features=whole.num_features,
        vocabulary=units,
        features=features,
        language=UNDETERMINED,
        normaliser=identity["normaliser"],
        compression="+".join(names(identity)),
        edits=tuple(to_json(edits)),
    )
    save_artefact(start_file(context.folder), subject.weights, header)
    save_learnt(learnt, context.folder)
    return {"changes": [change.to_json() for change in changes]}
