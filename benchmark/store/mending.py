"""Putting damaged files out of the way, so that they are made again, and saying so."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from benchmark.cache import cache_folder
from benchmark.store.drafts import set_aside, sweep
from benchmark.store.integrity import Damaged


def mend(damages: Iterable[Damaged], console: Console) -> None:
    """Set aside what is damaged, in one line each; what another run set aside is not told twice."""
    for damage in damages:
        if set_aside(damage.folder):
            line = f"{damage.line}; set aside and made again"
            console.print(line, style="yellow", highlight=False, markup=False, soft_wrap=True)


CACHED = ("prepared", "synthetic", "digests", "checkpoints", "hub/commits", "hub/models")
"""The folders of the cache that we write into ourselves."""


def sweep_all(results: Path) -> None:
    """Remove what killed runs left in a results folder and in the cache."""
    for place in (results, results / "stages", *(cache_folder() / name for name in CACHED)):
        sweep(place)
