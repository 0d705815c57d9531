"""The digest of a cell's hypotheses. Equal digests mean that all hypotheses are byte-identical."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable


def digest(uids: Iterable[str], hypotheses: Iterable[str]) -> str:
    """Twenty hexadecimal digits of the SHA-256 of all (uid, hypothesis), in the order of uids."""
    pairs = sorted(zip(uids, hypotheses, strict=True))
    return hashlib.sha256(json.dumps(pairs).encode("ascii")).hexdigest()[:20]
