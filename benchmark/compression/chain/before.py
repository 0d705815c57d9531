"""Compression of an initialisation, which then adapts.

The output layer waits until the network has adapted, since it learns new units by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from benchmark.compression.base import Compression
from benchmark.compression.chain.run import Compressed, compress_subject
from benchmark.compression.chain.subject import Subject
from benchmark.compression.storage.weight import Weight

HEAD = "output."
"""How the names of the weights of the output layer begin."""


def compress_body(
    subject: Subject, chain: Sequence[Compression], names: Sequence[str]
) -> Compressed:
    """`subject` after `chain`, but for the values of its output layer.

    Raises Unsupported like `compress_subject`.
    """
    # Those that change layers come first in a chain that makes sense.
    count = sum(technique.step == "structure" for technique in chain)
    shaped = compress_subject(subject, chain[:count], names[:count])
    head, body = _split(shaped.subject.weights)
    stored = compress_subject(shaped.subject.with_weights(body), chain[count:], names[count:])
    whole = stored.subject.with_weights({**stored.subject.weights, **head})
    return Compressed(whole, [*shaped.changes, *stored.changes])


def compress_head(
    adapted: Subject, body: Mapping[str, Weight], chain: Iterable[Compression]
) -> Subject:
    """`adapted` with its body stored as `body` is, and its output layer as `chain` has it."""
    head, rest = _split(adapted.weights)
    kept = {name: body[name].with_values(weight.values) for name, weight in rest.items()}
    subject = adapted.with_weights(head)
    for technique in chain:
        if technique.step != "structure":
            subject = technique.compress(subject)
    return replace(subject, weights={**kept, **subject.weights})


def _split(weights: Mapping[str, Weight]) -> tuple[dict[str, Weight], dict[str, Weight]]:
    """The output layer's weights, and all others."""
    head = {name: weight for name, weight in weights.items() if name.startswith(HEAD)}
    return head, {name: weight for name, weight in weights.items() if name not in head}
