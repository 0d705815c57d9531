"""Content keys: what can change a result is hashed, nothing else is.

The same function serves a plan and a stored result, since a stored result keeps the identity that
its key hashes. Identities hold only JSON values.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from benchmark.errors import UserError

KEY_LENGTH = 20

NOT_IDENTITY = frozenset({"device", "jobs", "results", "reports", "stage_seconds", "name", "path"})
"""Settings of a run or a suite that cannot change a hypothesis and never enter a key."""

VERSIONS = {
    "prepare": 3,
    "meta_train": 1,
    "compress_start": 1,
    "adapt": 1,
    "compress": 1,
    "evaluate": 1,
    "score": 4,
    "time": 3,
    "curve": 1,
    "score_curve": 1,
    "pace": 1,
}
"""The version of each kind of stage; raising one invalidates its stored results."""


SAME_CHANCE = frozenset({"snapshots", "runtime"})
"""Fields of an identity that chance does not depend on: keeping more of what happens changes
nothing of it, and a technique that learns makes the same network for the files of all runtimes."""


class UnstorableError(UserError, ValueError):
    """A setting that no key can hold."""


def key(identity: dict[str, Any]) -> str:
    """A hash of an identity, the same on every machine and in every Python.

    Raises UnstorableError that names a field which JSON cannot hold: infinity, no number, or a
    value of another type, which a plug-in may have put there.
    """
    try:
        text = json.dumps(identity, sort_keys=True, ensure_ascii=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        named = next((f"{name} = {_short(value)}" for name, value in _odd(identity)), "a setting")
        message = f"{named} is not JSON compliant: use finite numbers, text and lists"
        raise UnstorableError(message) from None
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:KEY_LENGTH]


def seed(stage_key: str) -> int:
    """The seed of all randomness of a stage (63 bits)."""
    return int(hashlib.sha256(stage_key.encode("ascii")).hexdigest()[:16], 16) >> 1


def differences(wanted: dict[str, Any], stored: dict[str, Any]) -> list[str]:
    """The fields in which two identities differ, as `field: stored -> wanted`."""
    ours, theirs = dict(_leaves(wanted)), dict(_leaves(stored))
    return [
        f"{name}: {_short(theirs.get(name))} -> {_short(ours.get(name))}"
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name)
    ]


def _leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, f"{prefix}.{name}" if prefix else str(name))
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for i, item in enumerate(value):
            yield from _leaves(item, f"{prefix}[{i}]")
    else:
        yield prefix, value


def _odd(identity: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The leaves that JSON cannot hold."""
    for name, value in _leaves(identity):
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            yield name, value


def _short(value: Any) -> str:
    text = "absent" if value is None else str(value)
    return text if len(text) <= 40 else text[:37] + "..."
