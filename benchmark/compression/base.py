"""The contract of a compression: a subject in, one that takes fewer bytes or less time out.

A member is one file in this folder with one frozen dataclass. It imports torch only inside its
functions. What it works on is in `chain/`, how weights become bytes in `storage/`, how a network
becomes another one in `structure/`, how it learns with what it loses in `constraints/`.
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
"""What a technique changes: which layers there are, their values, or how those are written down.

A chain goes through them in this order: to factorise what is quantised already would throw the
codes away.
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
    """Whether it is meant to change nothing; of any other that counts as a failure."""

    added_fields: ClassVar[tuple[str, ...]] = ()
    """Settings that results were stored without; see `Axis.identity`."""

    @property
    def needs_speech(self) -> bool:
        """Whether these settings use the support set: to calibrate, or to learn again."""
        return False

    @classmethod
    def from_name(cls, groups: dict[str, str]) -> dict[str, object]:
        """Settings that a family name stands for, from the groups of `pattern`."""
        return dict(groups)

    def not_during(self) -> str | None:
        """Why adaptation cannot learn with what this takes (`@during`), None where it can."""
        return "it has no form that a network could learn with"

    def during(self) -> Constraint:
        """What adaptation learns under, so that compressing takes nothing more afterwards."""
        raise NotImplementedError

    @abstractmethod
    def compress(self, subject: Subject) -> Subject:
        """The compressed subject. Raises Unsupported where it cannot work."""


@dataclass(frozen=True)
class WeightCompression(Compression):
    """A technique that looks at nothing but values."""

    def compress(self, subject: Subject) -> Subject:
        return subject.with_weights(self.apply(subject.weights))

    @abstractmethod
    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        """The compressed weights, by parameter name. Raises Unsupported where it cannot work."""


COMPRESSIONS: Axis[Compression] = Axis("compression", "compressions", Compression)  # type: ignore[type-abstract]
