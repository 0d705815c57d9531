"""Applying a chain of compressions, each of which must change something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from typing import Any, NamedTuple

from benchmark.compression.base import Compression
from benchmark.compression.chain.subject import Subject
from benchmark.compression.storage.weight import Weight
from benchmark.errors import Unsupported


@dataclass(frozen=True)
class Change:
    """The effect of one technique: re-encoded tensors, changed values, edits, arithmetic."""

    technique: str
    tensors: int
    values: int
    edits: int
    arithmetic: bool

    @property
    def is_empty(self) -> bool:
        return not (self.tensors or self.values or self.edits or self.arithmetic)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Compressed(NamedTuple):
    """The result of a chain, and the changes of each technique."""

    subject: Subject
    changes: list[Change]


def compress_subject(
    subject: Subject,
    chain: Sequence[Compression],
    names: Sequence[str],
    learnt: bool = False,
    only: str | None = None,
) -> Compressed:
    """`subject` after each technique of `chain`, from left to right; `names` are those in the
    suite.

    `only` is a pattern of parameter names; all others are unchanged.

    Raises Unsupported if a technique cannot be applied or changes nothing, since many quantisers
    silently ignore convolutions. If the weights have `learnt` under a technique, it may have
    nothing left to change.
    """
    changes = []
    for technique, name in zip(chain, names, strict=True):
        after = technique.compress(subject)
        if only is not None:
            after = after.with_weights(
                {n: w if fnmatch(n, only) else subject.weights[n] for n, w in after.weights.items()}
            )
        change = _change(name, subject, after)
        if change.is_empty and not (technique.neutral or learnt):
            raise Unsupported(f"{name} changed nothing: no weight, no layer and no arithmetic")
        changes.append(change)
        subject = after
    return Compressed(subject, changes)


def _change(name: str, before: Subject, after: Subject) -> Change:
    shared = before.weights.keys() & after.weights.keys()
    pairs = [(before.weights[key], after.weights[key]) for key in shared]
    pairs = [(old, new) for old, new in pairs if old.values.shape == new.values.shape]
    moved = [int((old.values != new.values).sum()) for old, new in pairs]
    return Change(
        technique=name,
        tensors=sum(_re_encoded(old, new) for old, new in pairs),
        values=sum(moved),
        edits=len(after.architecture.edits)
        - len(before.architecture.edits)
        + (after.architecture.settings != before.architecture.settings),
        arithmetic=after.arithmetic != before.arithmetic,
    )


def _re_encoded(old: Weight, new: Weight) -> bool:
    """Whether a tensor is stored differently."""
    return old.encoding != new.encoding or old.coder != new.coder
