"""Edits that lead from the network that a model builds to the one that is stored.

A file keeps them as JSON, so that the network can be built again before its values are loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import TypeAdapter
from torch import nn

from benchmark.models.networks.base import SpeechNetwork


@dataclass(frozen=True)
class Drop:
    """One member of a module list is left out."""

    module: str
    index: int
    edit: Literal["drop"] = "drop"

    def apply(self, network: SpeechNetwork) -> None:
        """Change `network` in place. Raises AttributeError or IndexError where it has no such."""
        layers = network.get_submodule(self.module)
        assert isinstance(layers, nn.ModuleList)
        del layers[self.index]


Edit = Drop


def to_json(edits: Iterable[Edit]) -> list[dict[str, Any]]:
    """Edits as JSON values."""
    return [asdict(edit) for edit in edits]


def from_json(values: Iterable[Mapping[str, Any]]) -> tuple[Edit, ...]:
    """Edits from JSON values. Raises ValueError for one that there is not."""
    edits: tuple[Edit, ...] = TypeAdapter(tuple[Edit, ...]).validate_python(tuple(values))
    return edits
