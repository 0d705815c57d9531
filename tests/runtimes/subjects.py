"""Subjects of tests compressed and saved, without a suite around them."""

from __future__ import annotations

from pathlib import Path

from benchmark.compression.chain.run import compress_subject
from benchmark.compression.chain.subject import Subject
from benchmark.compression.chain.support import Support
from benchmark.compression.storage.artefact import Header
from benchmark.compression.structure.edits import to_json
from benchmark.data.features import Features
from benchmark.data.vocabulary import Vocabulary
from benchmark.registry import COMPRESSIONS
from benchmark.runtimes.running.eager import TorchRecogniser
from benchmark.runtimes.torch import Torch

VOCABULARY = Vocabulary("characters", tuple(" abcdefghijklmnopqrstuvwxyz"))


def header_of(subject: Subject) -> Header:
    return Header(
        model=subject.architecture.model,
        settings=subject.architecture.settings,
        num_features=64,
        vocabulary=VOCABULARY,
        features=Features(mels=64),
        language="en",
        normaliser="basic-1",
        compression="any",
        edits=tuple(to_json(subject.architecture.edits)),
    )


def compressed(
    subject: Subject, chain: str, support: Support | None = None, **settings: object
) -> Subject:
    """`subject` after a chain; `settings` are those of its first technique."""
    names = chain.split("+")
    techniques = [
        COMPRESSIONS.make(name, settings if i == 0 else {}) for i, name in enumerate(names)
    ]
    subject = Subject(subject.architecture, subject.weights, support)
    return compress_subject(subject, techniques, names).subject


def native(subject: Subject, folder: Path) -> TorchRecogniser:
    """The torch recogniser of the same weights, computing in floating point."""
    path = folder / "native.safetensors"
    Torch().save(Subject(subject.architecture, subject.weights), header_of(subject), path)
    return TorchRecogniser.load(path)
