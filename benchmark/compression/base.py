"""The contract of a compression: it maps a subject to one that needs fewer bytes or less time.

A member is one file in this folder with one frozen dataclass. It imports torch only inside its
functions. `chain/` defines the subject and chains of techniques, `storage/` the file format of
weights, `structure/` changes of layers, and `constraints/` training under compression.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from benchmark.axis import Axis

if TYPE_CHECKING:
    from benchmark.compression.chain.subject import Subject
    from benchmark.compression.constraints.constraint import Constraint
    from benchmark.compression.storage.weight import Weight

Step = Literal["structure", "values", "code"]
"""What a technique changes: the layers of a network, its values, or how values are stored.

A chain follows this order, because factorising weights that are already quantised, for example,
would discard their codes.
"""


@dataclass(frozen=True)
class Compression(ABC):
    """Settings of one technique; techniques chain from left to right (`prune50+int8`)."""

    version: ClassVar[int] = 1
    paper: ClassVar[str] = ""

    pattern: ClassVar[str | None] = None
    """For a family named with a number (`int8`, `prune50`): a regular expression that matches the
    whole name and whose named groups are handed to `from_name`."""

    step: ClassVar[Step] = "values"

    neutral: ClassVar[bool] = False
    """Whether it is meant to change nothing; for any other technique that is a failure."""

    added_fields: ClassVar[tuple[str, ...]] = ()
    """Settings that are left out of identities at their defaults; see `Axis.identity`."""

    @property
    def needs_speech(self) -> bool:
        """Whether these settings use the support set, for calibration or for training."""
        return False

    @classmethod
    def from_name(cls, groups: dict[str, str]) -> dict[str, object]:
        """The settings that a family name implies, from the groups of `pattern`."""
        return dict(groups)

    def not_during(self) -> str | None:
        """Why the technique cannot be part of adaptation (`@during`); None if it can."""
        return "it does not support training"

    def during(self) -> Constraint:
        """The constraint under which adaptation trains, so that compressing changes nothing
        more."""
        raise NotImplementedError

    @abstractmethod
    def compress(self, subject: Subject) -> Subject:
        """The compressed subject. Raises Unsupported if the technique cannot be applied."""


@dataclass(frozen=True)
class WeightCompression(Compression):
    """A technique that only uses the values of weights."""

    def compress(self, subject: Subject) -> Subject:
        return subject.with_weights(self.apply(subject.weights))

    @abstractmethod
    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        """The compressed weights, by parameter name. Raises Unsupported if it cannot be applied."""


COMPRESSIONS: Axis[Compression] = Axis("compression", "compressions", Compression)  # type: ignore[type-abstract]
