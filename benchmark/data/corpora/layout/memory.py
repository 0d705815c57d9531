"""Small answers kept in the cache folder, so that nobody has to ask or work them out again."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmark.store.drafts import replace_file
from benchmark.store.integrity import is_sealed, sealed, unsealed


def recall(path: Path) -> dict[str, Any]:
    """What was remembered, or nothing if there is none or it is no longer what was written.

    Answers of earlier versions have no seal, and only one line; they are taken as they are.
    """
    try:
        text = path.read_text(encoding="utf-8")
        known = unsealed(text)
        if not is_sealed(text) and "\n" in text:
            raise ValueError
    except OSError:
        return {}
    except ValueError:
        logging.getLogger(__name__).warning("damaged: %s; it is worked out again", path)
        return {}
    return known


def remember(path: Path, answer: dict[str, Any]) -> None:
    """Other processes read a whole answer or none; where none can be written, it is asked again."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, lambda draft: draft.write_text(sealed(answer), encoding="utf-8"))
