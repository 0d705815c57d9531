"""The architecture of a network, from which it can be built."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch

from benchmark.compression.structure.edits import Edit
from benchmark.data.features import InputType
from benchmark.models.base import MODELS
from benchmark.models.networks.base import SpeechNetwork


@dataclass(frozen=True)
class Architecture:
    """A model with its settings, its input and output sizes, and edits of its layers."""

    model: str
    settings: dict[str, Any]
    num_features: int
    num_units: int
    edits: tuple[Edit, ...] = ()

    @property
    def input_type(self) -> InputType:
        """The input type of the network, which determines its front end."""
        return MODELS.find(self.model).cls.input_type

    def build(self) -> SpeechNetwork:
        """A network of this architecture with arbitrary values; torch's random state is
        unchanged."""
        with torch.random.fork_rng(devices=[]):
            model = MODELS.make(self.model, self.settings)
            network = model.build(self.num_features, self.num_units)
        for edit in self.edits:
            edit.apply(network)
        return network

    def edited(self, *edits: Edit) -> Architecture:
        """This architecture with further edits."""
        return replace(self, edits=(*self.edits, *edits))
