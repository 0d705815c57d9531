"""Bottleneck adapters."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from benchmark.errors import Unsupported
from benchmark.methods.learning.transfer import PartialTransfer

if TYPE_CHECKING:
    from benchmark.models.networks.base import SpeechNetwork


@dataclass(frozen=True)
class Adapter(PartialTransfer):
    """Joint training, then train a small adapter after each block, and the output layer.

    The model must have adapters (`{name: conv_ctc, adapter: 32}`). They are part of the artefact
    for every method, and have no effect until this method trains them.
    """

    paper: ClassVar[str] = (
        "Houlsby et al. 2019, Parameter-Efficient Transfer Learning for NLP;"
        " for speech: Hou et al. 2021, Exploiting Adapters for Cross-lingual Low-resource"
        " Speech Recognition"
    )

    def learning(self, network: SpeechNetwork) -> Collection[str]:
        from benchmark.methods.learning.selection import head_parameters, parameter_names

        if not network.adapters():
            raise Unsupported(
                f"{type(network).__name__} has no adapters; use a model with the setting `adapter`,"
                " for instance {name: conv_ctc, adapter: 32}"
            )
        return parameter_names(network, network.adapters()) | head_parameters(network)
