"""Compression of an initialisation, which then adapts.

The output layer and adapters are compressed only after adaptation: the output layer gets new units
for the language, and adapters are untrained before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from benchmark.compression.base import Compression
from benchmark.compression.chain.run import Compressed, compress_subject
from benchmark.compression.chain.subject import Subject
from benchmark.compression.storage.weight import Weight
from benchmark.compression.structure.edits import Edit
from benchmark.methods.learning.selection import parameter_names
from benchmark.models.networks.base import SpeechNetwork


def compress_body(
    subject: Subject, chain: Sequence[Compression], names: Sequence[str]
) -> Compressed:
    """`subject` compressed by `chain`, except for the values of `late_parameters`.

    Raises Unsupported like `compress_subject`.
    """
    # A valid chain begins with the techniques that change layers.
    count = sum(technique.step == "structure" for technique in chain)
    shaped = compress_subject(subject, chain[:count], names[:count])
    late, body = _split(shaped.subject)
    stored = compress_subject(shaped.subject.with_weights(body), chain[count:], names[count:])
    whole = stored.subject.with_weights({**stored.subject.weights, **late})
    return Compressed(whole, [*shaped.changes, *stored.changes])


def compress_late(
    adapted: Subject, start: Mapping[str, Weight], chain: Iterable[Compression]
) -> Subject:
    """`adapted` with its body stored as in `start` and its late parameters compressed by
    `chain`."""
    late, body = _split(adapted)
    kept = {name: start[name].with_values(weight.values) for name, weight in body.items()}
    subject = adapted.with_weights(late)
    for technique in chain:
        if technique.step != "structure":
            subject = technique.compress(subject)
    return replace(subject, weights={**kept, **subject.weights})


def late_parameters(network: SpeechNetwork) -> set[str]:
    """The names of the weights that are compressed only after adaptation."""
    return parameter_names(network, [network.output, *network.adapters()])


def belongs_to(name: str, edits: Iterable[Edit]) -> bool:
    """Whether the learnt tensor `name` belongs to a layer that one of the edits changes."""
    parameter = name.rpartition("/")[2]
    return any(parameter.startswith(f"{edit.module}.") for edit in edits)


def _split(subject: Subject) -> tuple[dict[str, Weight], dict[str, Weight]]:
    """The late parameters, and all others."""
    names = late_parameters(subject.architecture.build())
    late = {name: weight for name, weight in subject.weights.items() if name in names}
    return late, {name: weight for name, weight in subject.weights.items() if name not in names}
