"""What an artefact weighs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmark.compression.storage.artefact import load_artefact


@dataclass(frozen=True)
class Size:
    """`bytes` of the whole file; how many numbers the network has, and how many are not zero."""

    bytes: int
    parameters: int
    nonzero_parameters: int


def measure_size(path: Path) -> Size:
    """The size of an artefact. Raises UserError where it cannot be read."""
    weights = [w for w in load_artefact(path).weights.values() if w.is_floating_point()]
    return Size(
        bytes=path.stat().st_size,
        parameters=sum(w.numel() for w in weights),
        nonzero_parameters=sum(int(w.count_nonzero()) for w in weights),
    )
