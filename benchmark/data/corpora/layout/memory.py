"""Small answers kept in the cache folder, so that nobody has to ask or work them out again."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmark.system.drafts import drafted


def recall(path: Path) -> dict[str, Any]:
    """What was remembered, or nothing if there is none or it cannot be read."""
    try:
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known


def remember(path: Path, answer: dict[str, Any]) -> None:
    """Other processes read a whole answer or none; where none can be written, it is asked again."""
    with suppress(OSError), drafted(path) as draft:
        draft.write_text(json.dumps(answer), encoding="utf-8")
