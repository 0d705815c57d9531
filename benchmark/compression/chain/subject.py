"""What a chain of compressions works on: an architecture, its weights, and speech to learn from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from torch import Tensor

from benchmark.compression.chain.support import Support
from benchmark.compression.storage.weight import Weight, weights_of
from benchmark.compression.structure.architecture import Architecture
from benchmark.errors import Unsupported
from benchmark.models.networks.base import SpeechNetwork

Arithmetic = Literal["float", "int8_dynamic", "int8_static", "int8_mixed"]
"""What a runtime is asked to compute with: floating point, or 8-bit integers whose ranges of
activations are found at each call (dynamic), on the support set before (static), or before for
convolutions alone (mixed)."""


@dataclass(frozen=True)
class Subject:
    """A network on its way to a file; techniques return a new one.

    `support` is None where there is no speech to learn from; `calibration` are the features of
    utterances, (1, T, F) each, that show a runtime the ranges of activations.
    """

    architecture: Architecture
    weights: dict[str, Weight]
    support: Support | None = None
    arithmetic: Arithmetic = "float"
    calibration: tuple[Tensor, ...] = ()

    def network(self) -> SpeechNetwork:
        """The network with the values as they will come back from the file, on the CPU."""
        network = self.architecture.build()
        network.load_state_dict({name: weight.values for name, weight in self.weights.items()})
        return network.eval()

    def with_weights(self, weights: dict[str, Weight]) -> Subject:
        """The same architecture with other weights."""
        return replace(self, weights=weights)

    def with_values(self, values: dict[str, Tensor]) -> Subject:
        """Other values in the same encodings, each moved to the nearest that it can store."""
        weights = {n: w.with_values(values[n].detach().cpu()) for n, w in self.weights.items()}
        return replace(self, weights=weights)

    def rebuilt(self, architecture: Architecture, network: SpeechNetwork) -> Subject:
        """Another architecture, with the values of a network of that; stored value by value."""
        weights = weights_of(network.state_dict())
        return replace(self, architecture=architecture, weights=weights)

    def speech(self, what: str) -> Support:
        """The support set. Raises Unsupported where there is none; `what` says who asks."""
        if self.support is None:
            raise Unsupported(f"{what} needs speech to learn from, and there is none")
        return self.support
