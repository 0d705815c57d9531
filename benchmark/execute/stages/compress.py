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
from benchmark.execute.compressed import names, read_start, techniques, when
from benchmark.execute.job import Context
from benchmark.execute.learners import keep_fitting
from benchmark.execute.networks import (
    autocast,
    build,
    read_weights,
    reproducible,
    speech_set,
)
from benchmark.plan.stages import Compress
from benchmark.plan.stages.compress import Support as SupportSet
from benchmark.registry import OPTIMIZERS
from benchmark.runtimes.base import bytes_of, named_runtime


def run(context: Context[Compress]) -> dict[str, Any]:
    speech = context.stage.speech
    with reproducible(context.seed, speech.precision if speech else "fp32"):
        return _run(context)


def _run(context: Context[Compress]) -> dict[str, Any]:
    stage = context.stage
    subject, changes = _compressed(context)
    architecture = subject.architecture
    header = Header(
        model=architecture.model,
        settings=architecture.settings,
        num_features=architecture.num_features,
        vocabulary=stage.vocabulary,
        features=stage.features,
        language=stage.language,
        normaliser=stage.normaliser,
        compression="+".join(names(stage.compression)),
        edits=tuple(to_json(architecture.edits)),
    )
    runtime = named_runtime(stage.runtime)
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


def _compressed(context: Context[Compress]) -> Compressed:
    """The adapted network after the chain, or after what adaptation has left of it to do."""
    stage, compression = context.stage, context.stage.compression
    chain = techniques(compression)
    if stage.start:
        start = read_start(context.output(stage.start))
        adapted = _adapted(context, start.header.architecture().edits)
        return Compressed(compress_late(adapted, start.encoded, chain), [])
    learnt = when(compression) == "during"
    only = compression.get("only")
    return compress_subject(_adapted(context), chain, names(compression), learnt, only)


def _adapted(context: Context[Compress], edits: tuple[Edit, ...] = ()) -> Subject:
    stage = context.stage
    architecture = Architecture(
        stage.model["name"],
        stage.model["settings"],
        stage.features.mels,
        len(stage.vocabulary),
        edits,
    )
    weights = weights_of(read_weights(context.output(stage.adapted)))
    support = _support(context, stage.speech) if stage.speech else None
    return Subject(architecture, weights, support)


def _support(context: Context[Compress], speech: SupportSet) -> Support:
    """The support set that adaptation had, and what it learns with."""
    stage = context.stage
    language, augmentation = stage.language, speech.augmentation
    rest = {u.uid for u in context.corpus(language).split("train")} - set(speech.support)
    task = speech_set(context, language, speech.support, 0, augmentation)
    with torch.random.fork_rng(devices=[]):  # the network is built for its number of frames alone
        keep_fitting([task], build(stage, len(stage.vocabulary)))
    unlabelled = None
    if rest:
        unlabelled = speech_set(context, language, sorted(rest), 1, augmentation, labelled=False)
    return Support(
        task=task,
        unlabelled=unlabelled,
        optimizer=OPTIMIZERS.rebuild(speech.optimizer),
        generator=Random(context.seed),
        device=context.job.device,
        progress=context.progress,
        autocast=autocast(speech.precision),
    )
