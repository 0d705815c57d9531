"""What an exported folder holds beside its card."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from benchmark.runtimes.base import Runtime
from benchmark.runtimes.exporting.description import Description

MODEL = "model"
"""The name of the file of an exported model, without its ending."""


class Shipped(NamedTuple):
    """The runtime that an exported model needs, and what its file says."""

    runtime: Runtime
    name: str
    description: Description


def sizes(folder: Path) -> dict[str, int]:
    """Bytes of the files of the model in an exported folder, by name."""
    return {path.name: path.stat().st_size for path in sorted(folder.glob(f"{MODEL}.*"))}
