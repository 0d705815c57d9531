"""The contract of a model family: settings that can build a network.

A member is one file in this folder with one frozen dataclass. It imports torch only inside its
functions, so that suites can be read and planned without it; networks live in `networks/`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from benchmark.data.vocabulary import Units

if TYPE_CHECKING:
    from benchmark.models.networks.base import SpeechNetwork


@dataclass(frozen=True)
class Model(ABC):
    """Settings of a model family."""

    version: ClassVar[int] = 1
    """Raise it when the same settings lead to another network: it invalidates stored results."""

    units: ClassVar[Units] = "characters"

    @abstractmethod
    def build(self, num_features: int, num_units: int) -> SpeechNetwork:
        """A freshly initialised network (from torch's global generator).

        `num_features` is the number of mel bands, `num_units` the size of the vocabulary.
        """
