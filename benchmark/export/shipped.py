"""The model of an exported folder."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from benchmark.runtimes.base import Runtime
from benchmark.runtimes.exporting.description import Description

MODEL = "model"
"""The file name of an exported model, without its extension."""


class Shipped(NamedTuple):
    """The runtime of an exported model, and the description in its file."""

    runtime: Runtime
    name: str
    description: Description


def sizes(folder: Path) -> dict[str, int]:
    """Bytes of the files of the model in an exported folder, by name."""
    return {path.name: path.stat().st_size for path in sorted(folder.glob(f"{MODEL}.*"))}
