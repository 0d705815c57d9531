"""The user's cache folder: prepared speech and synthetic corpora, shared by all suites."""

from __future__ import annotations

import os
from pathlib import Path

from benchmark.errors import UserError

REMEDY = "set BENCHMARK_CACHE to a folder that you can write"


def cache_folder() -> Path:
    """`$BENCHMARK_CACHE`, or `benchmark` in the user's cache folder; not created here.

    Raises UserError where the system knows no home for the user.
    """
    chosen, base = os.environ.get("BENCHMARK_CACHE"), os.environ.get("XDG_CACHE_HOME")
    try:
        if chosen:
            return Path(chosen).expanduser()
        return (Path(base) if base else home() / ".cache") / "benchmark"
    except RuntimeError:
        raise UserError(
            f"there is no folder to cache speech in: HOME is not set; {REMEDY}"
        ) from None


def home() -> Path:
    """The user's home. Raises RuntimeError where there is none."""
    if os.environ.get("HOME") == "":
        raise RuntimeError("HOME is empty")
    return Path.home()
