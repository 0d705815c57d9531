"""Small results stored in the cache folder, so that they are not looked up or computed again."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmark.store.drafts import replace_file
from benchmark.store.integrity import is_sealed, sealed, unsealed


def recall(path: Path) -> dict[str, Any]:
    """The stored result; empty if there is none or it is damaged.

    Results without a seal have only one line and are not checked.
    """
    try:
        text = path.read_text(encoding="utf-8")
        answer = unsealed(text)
        if not is_sealed(text) and "\n" in text:
            raise ValueError
    except OSError:
        return {}
    except ValueError:
        logging.getLogger(__name__).warning("damaged: %s; it is worked out again", path)
        return {}
    return answer


def remember(path: Path, answer: dict[str, Any]) -> None:
    """Store a result atomically; if it cannot be stored, it will be looked up again."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, lambda draft: draft.write_text(sealed(answer), encoding="utf-8"))
