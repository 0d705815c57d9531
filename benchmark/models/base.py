"""The contract of a model family: settings that can build a network.

A member is one file in this folder with one frozen dataclass. It imports torch only inside its
functions, so that suites can be read and planned without it; networks live in `networks/`, weights
that others have trained in `checkpoints/`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from benchmark.axis import Axis
from benchmark.data.features import InputType
from benchmark.data.vocabulary import Units
from benchmark.extras import missing

if TYPE_CHECKING:
    from benchmark.models.networks.base import SpeechNetwork


@dataclass(frozen=True)
class Model(ABC):
    """Settings of a model family."""

    version: ClassVar[int] = 1
    """Raise it when the same settings lead to another network: it invalidates stored results."""

    units: ClassVar[Units] = "characters"

    input_type: ClassVar[InputType] = "log_mel"

    packages: ClassVar[Sequence[str]] = ()
    """Modules that it imports and that come with `extra`."""

    extra: ClassVar[str] = ""
    """The optional dependency of this package that installs them."""

    def missing(self) -> str | None:
        """What has to be installed before it can be built here, if anything."""
        return missing(self.packages, self.extra)

    def pinned(self, beside: Path) -> Self:
        """The same model with what lies outside of its settings named by its content.

        Relative paths start at `beside` or where the command runs. This is what enters keys and
        what stages and artefacts build from. Raises UserError for what cannot be meant, DataError
        for what cannot be had.
        """
        return self

    def num_parameters(self, num_features: int) -> int | None:
        """About how many weights a network has, without its output layer; None is not known.

        `plan` estimates bytes with it, and imports no torch for that.
        """
        return None

    @abstractmethod
    def build(self, num_features: int, num_units: int) -> SpeechNetwork:
        """A freshly initialised network (from torch's global generator).

        `num_features` is the number of mel bands, `num_units` the size of the vocabulary.
        """

    def initial(self, num_features: int, num_units: int) -> SpeechNetwork:
        """The network that learning starts from: a pretrained one, or a freshly initialised one."""
        return self.build(num_features, num_units)


MODELS: Axis[Model] = Axis("model", "models", Model)  # type: ignore[type-abstract]
