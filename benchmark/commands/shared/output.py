"""Writes the machine-readable output of a command."""

from __future__ import annotations

from pathlib import Path

from benchmark.errors import UserError
from benchmark.system.streams import put


def deliver(text: str, target: str) -> None:
    """Write `text` to a file, or to standard output for `-`."""
    if target == "-":
        put(text if text.endswith("\n") else text + "\n")
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{target}: cannot be written ({error.strerror})") from None
