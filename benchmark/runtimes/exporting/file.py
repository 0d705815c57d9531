"""A subject as the bytes of one ONNX file."""

from __future__ import annotations

from benchmark.compression.chain.subject import Subject
from benchmark.compression.storage.artefact import Header
from benchmark.compression.storage.weight import weights_of
from benchmark.models.networks.decoding import decoder_of
from benchmark.runtimes.exporting.description import KEY, Description
from benchmark.runtimes.exporting.graph import graph_of
from benchmark.runtimes.exporting.initialisers import fill
from benchmark.runtimes.exporting.integers import with_integers


def onnx_bytes(subject: Subject, header: Header) -> bytes:
    """The ONNX file of `subject` with its `Description`, to be sealed.

    Raises Unsupported where ONNX cannot express it.
    """
    description = Description(header, decoder_of(subject.architecture.build()), subject.arithmetic)
    model = graph_of(subject.architecture)
    weights = subject.weights
    if subject.arithmetic != "float":
        # The quantiser knows no weights but those that it quantises itself.
        weights = weights_of({name: weight.values for name, weight in weights.items()})
    fill(model, weights)
    calibration = [features.numpy() for features in subject.calibration]
    model = with_integers(model, subject.arithmetic, calibration)
    del model.metadata_props[:], model.graph.value_info[:]
    entry = model.metadata_props.add()
    entry.key, entry.value = KEY, description.to_text()
    return model.SerializeToString(deterministic=True)
