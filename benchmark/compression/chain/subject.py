"""The subject of a chain of compressions: an architecture, its weights, and a support set."""

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
"""The arithmetic of the runtime: floating point, or 8-bit integers with activation ranges computed
at each call (dynamic), calibrated on the support set (static), or calibrated for convolutions only
(mixed)."""


@dataclass(frozen=True)
class Subject:
    """A network to be compressed; each technique returns a new subject.

    `support` is None if there is no speech to learn from. `calibration` has the features of
    utterances, (1, T, F) each, from which a runtime calibrates activation ranges.
    """

    architecture: Architecture
    weights: dict[str, Weight]
    support: Support | None = None
    arithmetic: Arithmetic = "float"
    calibration: tuple[Tensor, ...] = ()

    def network(self) -> SpeechNetwork:
        """The network with the values that its file restores, on the CPU."""
        network = self.architecture.build()
        network.load_state_dict({name: weight.values for name, weight in self.weights.items()})
        return network.eval()

    def with_weights(self, weights: dict[str, Weight]) -> Subject:
        """The same architecture with other weights."""
        return replace(self, weights=weights)

    def with_values(self, values: dict[str, Tensor]) -> Subject:
        """Other values in the same encodings, each rounded to the nearest storable one."""
        weights = {n: w.with_values(values[n].detach().cpu()) for n, w in self.weights.items()}
        return replace(self, weights=weights)

    def rebuilt(self, architecture: Architecture, network: SpeechNetwork) -> Subject:
        """Another architecture with the values of `network`, stored by value."""
        weights = weights_of(network.state_dict())
        return replace(self, architecture=architecture, weights=weights)

    def speech(self, what: str) -> Support:
        """The support set. Raises Unsupported if there is none; `what` names the caller."""
        if self.support is None:
            raise Unsupported(f"{what} needs speech to learn from, and there is none")
        return self.support
