"""Edits that turn the network of a model into the stored one.

A file holds them as JSON, so that the network can be rebuilt before its values are loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from benchmark.compression.structure.drop import Drop
from benchmark.compression.structure.factorise import Factorise
from benchmark.compression.structure.resize import Resize

Edit = Annotated[Drop | Factorise | Resize, Field(discriminator="edit")]
"""Each has `apply(network)`, which changes a network in place before its values are loaded."""


def to_json(edits: Iterable[Edit]) -> list[dict[str, Any]]:
    """Edits as JSON values."""
    return [asdict(edit) for edit in edits]


def from_json(values: Iterable[Mapping[str, Any]]) -> tuple[Edit, ...]:
    """Edits from JSON values. Raises ValueError for an unknown one."""
    edits: tuple[Edit, ...] = TypeAdapter(tuple[Edit, ...]).validate_python(tuple(values))
    return edits
