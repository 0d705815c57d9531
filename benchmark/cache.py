"""The user's cache folder: prepared speech and synthetic corpora, shared by all suites."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """`$BENCHMARK_CACHE`, or `benchmark` in the user's cache folder; not created here."""
    if chosen := os.environ.get("BENCHMARK_CACHE"):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "benchmark"
