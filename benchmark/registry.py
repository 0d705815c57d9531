"""All axes of the matrix, and the import paths that this process trusts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmark.axis import Axis
from benchmark.compression.base import COMPRESSIONS
from benchmark.data.corpora.base import CORPORA
from benchmark.methods.base import METHODS
from benchmark.models.base import MODELS
from benchmark.optimizers.base import OPTIMIZERS
from benchmark.runtimes.base import RUNTIMES
from benchmark.scoring.metrics.base import METRICS

__all__ = [
    "AXES",
    "COMPRESSIONS",
    "CORPORA",
    "METHODS",
    "METRICS",
    "MODELS",
    "OPTIMIZERS",
    "RUNTIMES",
]

AXES: dict[str, Axis[Any]] = {
    axis.plural: axis
    for axis in (CORPORA, MODELS, METHODS, OPTIMIZERS, COMPRESSIONS, RUNTIMES, METRICS)
}


def trusted() -> dict[str, list[str]]:
    """The import paths that are trusted, by axis: what another process is told to trust, too."""
    return {key: sorted(axis.trusted) for key, axis in AXES.items() if axis.trusted}


def trust(paths: Mapping[str, list[str]]) -> None:
    """Trust what the process that started this one trusts."""
    for key, names in paths.items():
        AXES[key].trusted.update(names)
