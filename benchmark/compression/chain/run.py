"""A chain of compressions, each of which has to change something."""

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
    """What one technique did: tensors stored otherwise than before, values that differ, edits."""

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
    """The end of a chain, and what each technique on the way changed."""

    subject: Subject
    changes: list[Change]


def compress_subject(
    subject: Subject,
    chain: Sequence[Compression],
    names: Sequence[str],
    learnt: bool = False,
    only: str | None = None,
) -> Compressed:
    """`subject` after each technique of `chain`, from left to right; `names` are those of a suite.

    `only` is a pattern of parameter names; all others stay as they were.

    Raises Unsupported where a technique cannot work or changes nothing: many one-line quantisers
    leave convolutions alone without a word. After the weights have `learnt` with what it takes, a
    technique may find its work done.
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
        tensors=sum(_otherwise(old, new) for old, new in pairs),
        values=sum(moved),
        edits=len(after.architecture.edits)
        - len(before.architecture.edits)
        + (after.architecture.settings != before.architecture.settings),
        arithmetic=after.arithmetic != before.arithmetic,
    )


def _otherwise(old: Weight, new: Weight) -> bool:
    """Whether a tensor is stored otherwise."""
    return old.encoding != new.encoding or old.coder != new.coder
