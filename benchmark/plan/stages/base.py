"""The contract of a kind of stage: a frozen dataclass of all that its result depends on.

A member is one file in this folder. Its fields, with the kind and the version, are the identity
that its key hashes; a field whose default is None is left out of it while it is None. A planner
builds a stage, and the worker that runs it parses it again from the identity: so a result cannot
depend on anything that is not in the key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, ClassVar, Self, Union, get_args, get_origin, get_type_hints

from benchmark.store.identity import fields_of

Member = dict[str, Any]
"""What identifies a member of an axis, see `Axis.identity`; `Axis.rebuild` makes it again."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One unit of work, a pure function of its fields and of the stages that they name by key."""

    kind: ClassVar[str]

    version: ClassVar[int] = 1
    """Raising it invalidates stored results."""

    first_seconds: ClassVar[float]
    """Expected seconds before anything was measured. These and the next are the order of magnitude
    of the 0.4 M parameter network on one laptop core."""

    seconds_per_utterance: ClassVar[float] = 0.0
    """The same for each utterance that passes through the network."""

    bytes_per_weight: ClassVar[float] = 0.0
    """Bytes stored per weight of the network."""

    bytes_of_text: ClassVar[float] = 0.0
    """Bytes stored whatever the network."""

    @property
    def on_device(self) -> bool:
        """Whether it runs on the device of the run; other stages need none but the CPU."""
        return False

    @property
    def named(self) -> dict[str, object]:
        """Its identity, with typed values."""
        values = {"kind": self.kind, "version": self.version, **vars(self)}
        own: type = type(self)
        for name in _optional(own):
            if values[name] is None:
                del values[name]
        return values

    def to_json(self) -> dict[str, Any]:
        """Its identity as it comes back from disk."""
        identity: dict[str, Any] = json.loads(json.dumps(self.named, default=fields_of))
        return identity

    @classmethod
    def from_json(cls, identity: Mapping[str, Any]) -> Self:
        """The stage of an identity. Raises ValueError for one of another kind, version or shape."""
        values = dict(identity)
        kind, version = values.pop("kind", None), values.pop("version", None)
        if (kind, version) != (cls.kind, cls.version):
            raise ValueError(
                f"stage {kind} of version {version}: {cls.kind} of version {cls.version} was meant"
            )
        stage: Self = _typed(cls, values)
        return stage


@cache
def _optional(cls: type) -> tuple[str, ...]:
    """The fields of a kind that may be None and are then left out."""
    return tuple(field.name for field in fields(cls) if field.default is None)


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _typed(hint: Any, value: Any) -> Any:
    """A JSON value as the type that a field has. Raises ValueError where its fields do not fit."""
    options = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    for option in options:
        if isinstance(value, dict) and is_dataclass(option):
            hints = _hints(option)  # type: ignore[arg-type]
            try:
                return option(**{name: _typed(hints[name], each) for name, each in value.items()})  # type: ignore[operator]
            except (KeyError, TypeError) as error:
                raise ValueError(f"no fields of {option.__name__}: {error}") from None  # type: ignore[union-attr]
        if isinstance(value, list) and get_origin(option) is tuple:
            return tuple(value)
    return value
