"""Replaces a published site by a finished new one, or leaves it unchanged."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmark.errors import UserError
from benchmark.results.files import BOARD_JSON


def replace_folder(target: Path, write: Callable[[Path], None]) -> None:
    """Write into a scratch folder next to `target` and swap the two.

    `target` is a new folder or an older site. The swap consists of two renames: for an instant
    there is no site, but never an incomplete one. Raises UserError if `target` holds anything else.
    """
    if target.exists() and not _replaceable(target):
        raise UserError(
            f"{target} is neither empty nor a published site (it has no {BOARD_JSON});"
            " give another folder"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-publishing-"))
    try:
        site, previous = scratch / "site", scratch / "previous"
        site.mkdir()
        write(site)
        if target.exists():
            target.rename(previous)
        try:
            site.rename(target)
        except OSError:
            if previous.exists():
                previous.rename(target)
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _replaceable(target: Path) -> bool:
    return target.is_dir() and (not any(target.iterdir()) or (target / BOARD_JSON).is_file())
