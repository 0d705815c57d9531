"""Make the file that would be shipped."""

from __future__ import annotations

from random import Random
from typing import Any

import torch

from benchmark.compression.chain.before import compress_late
from benchmark.compression.chain.run import Compressed, compress_subject
from benchmark.compression.chain.subject import Subject
from benchmark.compression.chain.support import Support
from benchmark.compression.storage.artefact import Header
from benchmark.compression.storage.weight import weights_of
from benchmark.compression.structure.architecture import Architecture
from benchmark.compression.structure.edits import Edit, to_json
from benchmark.data.features import Features
from benchmark.execute.compressed import names, read_start, techniques, when
from benchmark.execute.job import Context
from benchmark.execute.learners import keep_fitting
from benchmark.execute.networks import (
    autocast,
    build,
    read_weights,
    reproducible,
    speech_set,
    vocabulary,
)
from benchmark.registry import OPTIMIZERS
from benchmark.runtimes.base import bytes_of, runtime_of


def run(context: Context) -> dict[str, Any]:
    with reproducible(context.seed):
        return _run(context)


def _run(context: Context) -> dict[str, Any]:
    identity = context.identity
    subject, changes = _compressed(context)
    architecture = subject.architecture
    header = Header(
        model=architecture.model,
        settings=architecture.settings,
        num_features=architecture.num_features,
        vocabulary=vocabulary(identity),
        features=Features(**identity["features"]),
        language=identity["language"],
        normaliser=identity["normaliser"],
        compression="+".join(names(identity)),
        edits=tuple(to_json(architecture.edits)),
    )
    runtime = runtime_of(identity)
    file = runtime.file(context.folder)
    runtime.save(subject, header, file)
    return {
        "size_bytes": bytes_of(context.folder),
        "header_bytes": runtime.header_bytes(file),
        "parameters": sum(weight.values.numel() for weight in subject.weights.values()),
        "nonzero_parameters": sum(
            int(weight.values.count_nonzero()) for weight in subject.weights.values()
        ),
        "changes": [change.to_json() for change in changes],
        "network": {
            "model": header.model,
            "settings": header.settings,
            "num_features": header.num_features,
            "edits": list(header.edits),
        },
        **({"gradients_spent": subject.support.spent} if subject.support else {}),
    }


def _compressed(context: Context) -> Compressed:
    """The adapted network after the chain, or after what adaptation has left of it to do."""
    identity = context.identity
    chain = techniques(identity)
    if when(identity) == "before":
        start = read_start(context.output(identity["start"]))
        adapted = _adapted(context, start.header.architecture().edits)
        return Compressed(compress_late(adapted, start.encoded, chain), [])
    learnt = when(identity) == "during"
    only = identity["compression"].get("only")
    return compress_subject(_adapted(context), chain, names(identity), learnt, only)


def _adapted(context: Context, edits: tuple[Edit, ...] = ()) -> Subject:
    identity = context.identity
    architecture = Architecture(
        identity["model"]["name"],
        identity["model"]["settings"],
        identity["features"]["mels"],
        len(vocabulary(identity)),
        edits,
    )
    weights = weights_of(read_weights(context.output(identity["adapted"])))
    return Subject(architecture, weights, _support(context) if "speech" in identity else None)


def _support(context: Context) -> Support:
    """The support set that adaptation had, and what it learns with."""
    speech = context.identity["speech"]
    language, optimizer = context.identity["language"], speech["optimizer"]
    rest = {u.uid for u in context.corpus(language).split("train")} - set(speech["support"])
    task = speech_set(context, language, speech["support"], 0)
    with torch.random.fork_rng(devices=[]):  # the network is built for its number of frames alone
        keep_fitting([task], build(context.identity, len(vocabulary(context.identity))))
    return Support(
        task=task,
        unlabelled=speech_set(context, language, sorted(rest), 1, labelled=False) if rest else None,
        optimizer=OPTIMIZERS.make(optimizer["name"], optimizer["settings"]),
        generator=Random(context.seed),
        device=context.job.device,
        progress=context.progress,
        autocast=autocast(speech),
    )
