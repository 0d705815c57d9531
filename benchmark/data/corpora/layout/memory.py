"""Small answers kept in the cache folder, so that nobody has to ask or work them out again."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any


def recall(path: Path) -> dict[str, Any]:
    """What was remembered, or nothing if there is none or it cannot be read."""
    try:
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known


def remember(path: Path, answer: dict[str, Any]) -> None:
    """Written beside and moved into place: other processes read a whole answer or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        json.dump(answer, file)
    Path(file.name).replace(path)
