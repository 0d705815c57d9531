"""Conversion of a subject to an ONNX model and to the bytes of an ONNX file."""

from __future__ import annotations

from typing import NamedTuple

import onnx

from benchmark.compression.chain.subject import Subject
from benchmark.compression.storage.artefact import Header
from benchmark.compression.storage.weight import weights_of
from benchmark.models.networks.decoding import decoder_of
from benchmark.runtimes.exporting.description import KEY, Description
from benchmark.runtimes.exporting.graph import graph_of
from benchmark.runtimes.exporting.initialisers import fill
from benchmark.runtimes.exporting.integers import with_integers


class Described(NamedTuple):
    """A model and the description for its file."""

    model: onnx.ModelProto
    description: Description


def described(subject: Subject, header: Header) -> Described:
    """The ONNX model of a subject. Raises Unsupported if ONNX cannot express it."""
    decoder = decoder_of(subject.architecture.build())
    model = graph_of(subject.architecture)
    weights = subject.weights
    if subject.arithmetic != "float":
        # The quantiser only handles weights that it quantises itself.
        weights = weights_of({name: weight.values for name, weight in weights.items()})
    fill(model, weights)
    calibration = [features.numpy() for features in subject.calibration]
    model = with_integers(model, subject.arithmetic, calibration)
    del model.metadata_props[:], model.graph.value_info[:]
    return Described(model, Description(header, decoder, subject.arithmetic))


def onnx_bytes(subject: Subject, header: Header) -> bytes:
    """The ONNX file of a subject with its description, to be sealed."""
    model, description = described(subject, header)
    entry = model.metadata_props.add()
    entry.key, entry.value = KEY, description.to_text()
    return bytes(model.SerializeToString(deterministic=True))
