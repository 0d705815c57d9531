"""The contract of a model family: settings that can build a network.

A member is one file in this folder with one frozen dataclass. It imports torch only inside its
functions, so that suites can be read and planned without it. Networks are in `networks/`,
pretrained weights in `checkpoints/`.
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
    """Raise it when the same settings lead to another network; this invalidates stored results."""

    units: ClassVar[Units] = "characters"

    input_type: ClassVar[InputType] = "log_mel"

    packages: ClassVar[Sequence[str]] = ()
    """Modules that it imports and that `extra` installs."""

    extra: ClassVar[str] = ""
    """The optional dependency group of this package that installs them."""

    def missing(self) -> str | None:
        """What must be installed before it can be built; None if nothing."""
        return missing(self.packages, self.extra)

    def pinned(self, beside: Path) -> Self:
        """The same model with external files identified by their content.

        Relative paths start at `beside` or at the working directory. The pinned model enters keys,
        and stages and artefacts build from it. Raises UserError for an invalid name, and DataError
        for files that cannot be read or downloaded.
        """
        return self

    def num_parameters(self, num_features: int) -> int | None:
        """Approximate number of weights without the output layer; None if unknown.

        `plan` estimates bytes with it, without importing torch.
        """
        return None

    @abstractmethod
    def build(self, num_features: int, num_units: int) -> SpeechNetwork:
        """A freshly initialised network (from torch's global generator).

        `num_features` is the number of mel bands, `num_units` the size of the vocabulary.
        """

    def initial(self, num_features: int, num_units: int) -> SpeechNetwork:
        """The network from which training starts: pretrained or freshly initialised."""
        return self.build(num_features, num_units)


MODELS: Axis[Model] = Axis("model", "models", Model)  # type: ignore[type-abstract]
