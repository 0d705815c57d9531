"""The contract of a compression: weights in, weights that take fewer bytes out.

A member is one file in this folder with one frozen dataclass. It imports torch only inside its
functions; how weights become bytes lives in `storage/`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from benchmark.compression.storage.weight import Weight


@dataclass(frozen=True)
class Compression(ABC):
    """Settings of one technique; techniques chain from left to right (`prune50+int8`)."""

    version: ClassVar[int] = 1
    paper: ClassVar[str] = ""

    pattern: ClassVar[str | None] = None
    """For a family named with a number (`int8`, `prune50`): a regular expression that matches the
    whole name and whose named groups are handed to `from_name`."""

    @classmethod
    def from_name(cls, groups: dict[str, str]) -> dict[str, object]:
        """Settings that a family name stands for, from the groups of `pattern`."""
        return dict(groups)

    @abstractmethod
    def apply(self, weights: dict[str, Weight]) -> dict[str, Weight]:
        """The compressed weights, by parameter name. Raises Unsupported where it cannot work."""
