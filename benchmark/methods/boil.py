"""MAML with an inner loop over the body."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from benchmark.methods.base import Head
from benchmark.methods.maml import Maml

if TYPE_CHECKING:
    from benchmark.methods.learning.adaptation import Adaptation
    from benchmark.models.networks.base import SpeechNetwork


@dataclass(frozen=True)
class Boil(Maml):
    """BOIL: MAML in which the inner loop and adaptation train everything but the output layer."""

    paper: ClassVar[str] = (
        "Oh et al. 2021, BOIL: Towards Representation Change for Few-shot Learning"
    )
    unsupported_heads: ClassVar[Mapping[Head, str]] = {
        "fresh": "BOIL never adapts its output layer, so a fresh one would stay untrained"
    }

    def inner_parameters(self, network: SpeechNetwork) -> Collection[str]:
        from benchmark.methods.learning.selection import body_parameters

        return body_parameters(network)

    def adapt(self, adaptation: Adaptation) -> None:
        from benchmark.methods.learning.selection import body_parameters, trainable_only

        with trainable_only(adaptation.network, body_parameters(adaptation.network)):
            super().adapt(adaptation)
