"""Content keys: what can change a result is hashed, nothing else is.

The same function serves a plan and a stored result, since a stored result keeps the identity that
its key hashes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any

from benchmark.errors import UserError

KEY_LENGTH = 20

NOT_IDENTITY = frozenset({"device", "jobs", "results", "reports", "stage_seconds", "name", "path"})
"""Settings of a run or a suite that cannot change a hypothesis and never enter a key."""

SAME_CHANCE = frozenset({"snapshots", "runtime"})
"""Fields of an identity that chance does not depend on: keeping more of what happens changes
nothing of it, and a technique that learns makes the same network for the files of all runtimes."""


class UnstorableError(UserError, ValueError):
    """A setting that no key can hold."""


class SharedJson:
    """Writes objects as JSON with sorted fields, and what many of them share only once.

    A container is known by which object it is, so it must not change meanwhile. Values are JSON
    values, or dataclasses that stand for an object of their fields.
    """

    def __init__(self, ensure_ascii: bool = True) -> None:
        self._texts: dict[int, tuple[object, str]] = {}
        self._orders: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        self._string = encode_basestring_ascii if ensure_ascii else encode_basestring
        self._canonical = json.JSONEncoder(
            sort_keys=True, ensure_ascii=ensure_ascii, allow_nan=False, default=fields_of
        ).encode

    def text(self, value: Mapping[str, object]) -> str:
        """An object as `json.dumps` writes it, with `sort_keys`.

        Raises TypeError, ValueError or RecursionError for what is not JSON.
        """
        string, shared, texts = self._string, self._texts, []
        for name, before in self._order(tuple(value)):
            field = value[name]
            if type(field) is str:
                texts.append(before + string(field))
            elif (known := shared.get(id(field))) is not None:
                texts.append(before + known[1])
            else:
                texts.append(before + self._new(field))
        return f"{{{', '.join(texts)}}}"

    def _order(self, names: tuple[str, ...]) -> list[tuple[str, str]]:
        """Fields in their order, each with the text before its value."""
        if names not in self._orders:
            self._orders[names] = [(name, f"{self._canonical(name)}: ") for name in sorted(names)]
        return self._orders[names]

    def _new(self, value: object) -> str:
        """The text of a value that is neither plain text nor shared so far."""
        if value is None or type(value) is int:
            return "null" if value is None else str(value)
        text = self._canonical(value)
        if not isinstance(value, str | int | float):
            # Kept with the value, so that no other object gets its id.
            self._texts[id(value)] = value, text
        return text


class Keys(SharedJson):
    """Makes keys: hashes of canonical JSON."""

    def key(self, identity: Mapping[str, object]) -> str:
        """A hash of an identity, the same on every machine and in every Python.

        Raises UnstorableError that names a field which JSON cannot hold: infinity, no number, or a
        value of another type, which a plug-in may have put there.
        """
        try:
            text = self.text(identity)
        except (TypeError, ValueError, RecursionError):
            named = next(
                (f"{name} = {_short(value)}" for name, value in _odd(identity)), "a setting"
            )
            message = f"{named} is not JSON compliant: use finite numbers, text and lists"
            raise UnstorableError(message) from None
        return hashlib.sha256(text.encode("ascii")).hexdigest()[:KEY_LENGTH]


def key(identity: Mapping[str, object]) -> str:
    """The key of one identity, see `Keys.key`."""
    return Keys().key(identity)


def fields_of(value: object) -> dict[str, object]:
    """A dataclass as the object that it is in JSON. Raises TypeError for anything else."""
    if not is_dataclass(value):
        raise TypeError(f"{type(value).__name__} is no value of JSON")
    return {field.name: getattr(value, field.name) for field in fields(value)}


def seed(stage_key: str) -> int:
    """The seed of all randomness of a stage (63 bits)."""
    return int(hashlib.sha256(stage_key.encode("ascii")).hexdigest()[:16], 16) >> 1


def differences(wanted: dict[str, Any], stored: dict[str, Any]) -> list[str]:
    """The fields in which two identities differ, as `field: stored -> wanted`."""
    ours, theirs = dict(leaves(wanted)), dict(leaves(stored))
    return [
        f"{name}: {_short(theirs.get(name))} -> {_short(ours.get(name))}"
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name)
    ]


def leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The values of an identity that have no fields of their own, by the path to them."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, f"{prefix}.{name}" if prefix else str(name))
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for i, item in enumerate(value):
            yield from leaves(item, f"{prefix}[{i}]")
    else:
        yield prefix, value


def _odd(identity: Mapping[str, object]) -> Iterator[tuple[str, Any]]:
    """The leaves that JSON cannot hold."""
    for name, value in leaves(dict(identity)):
        try:
            json.dumps(value, allow_nan=False, default=fields_of)
        except (TypeError, ValueError, RecursionError):
            yield name, value


def _short(value: Any) -> str:
    text = "absent" if value is None else str(value)
    return text if len(text) <= 40 else text[:37] + "..."
