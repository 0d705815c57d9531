"""Finding the members of an axis: one file each in its folder, a plug-in, or an import path.

Nothing is listed by hand: a module in an axis folder is a member, named after its file. Members
may also come from installed packages (entry-point group `benchmark.plugins`) or be written as
`package.module:Class`. Importing a built-in member imports no torch.

A look-up imports what a path says only where the path is trusted, and `Axis.trust` is called for
names that the user wrote: in a suite that is read, or on the command line. Names out of results,
rows, artefacts and Hub files come to `find` and `make` alone, and so import nothing of their own.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache, cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from benchmark.errors import UserError, did_you_mean, shown
from benchmark.foreign import blaming, calling, import_class, is_ours
from benchmark.plain_yaml import beyond

T = TypeVar("T")

BY_PLURAL: dict[str, Axis[Any]] = {}
"""The axes by what a suite calls them; each one adds itself where it is declared."""


class SettingError(UserError):
    """A parameter that a member does not have, or a value that it does not accept."""

    def __init__(self, message: str, parameter: str) -> None:
        super().__init__(message)
        self.parameter = parameter


@dataclass(frozen=True)
class Found(Generic[T]):
    """A member by name, with the settings that the name itself stands for (`int8`: bits = 8)."""

    name: str
    cls: type[T]
    implied: Mapping[str, Any]


class Axis(Generic[T]):
    """All members of one axis."""

    def __init__(self, name: str, plural: str, base: type[T]) -> None:
        self.name = name
        self.plural = plural
        self.base = base
        self.package = base.__module__.rpartition(".")[0]
        self.trusted: set[str] = set()
        BY_PLURAL.setdefault(plural, self)

    @cached_property
    def members(self) -> dict[str, type[T]]:
        """Built-in members and those of installed plug-ins, by name."""
        folder = importlib.import_module(self.package).__path__
        found = {
            module.name: self._only_member(f"{self.package}.{module.name}")
            for module in pkgutil.iter_modules(folder)
            if not module.ispkg and module.name != "base"
        }
        for name, cls in self._plug_ins.items():
            if ":" in name:
                continue
            if name in found:
                raise UserError(f"plug-in {name!r} is named as a built-in {self.name}")
            found[name] = cls
        return dict(sorted(found.items()))

    @cached_property
    def _plug_ins(self) -> dict[str, type[T]]:
        """Members of installed plug-ins, by the name of the entry point and by its import path."""
        found: dict[str, type[T]] = {}
        for point in entry_points(group="benchmark.plugins"):
            with blaming(f"plug-in {point.name!r} ({point.value}) cannot be imported"):
                cls = point.load()
            if isinstance(cls, type) and issubclass(cls, self.base):
                found[point.name] = found[point.value] = cls
        return found

    def names(self) -> list[str]:
        """What can be written in a suite; a family reads `int<bits>`."""
        return [_family_name(cls) or name for name, cls in self.members.items()]

    def trust(self, name: str, settings: Mapping[str, Any] | None = None) -> Found[T]:
        """Let `find` import what `name` says, and what settings say that name members; and find it.

        For names that the user wrote and means to run, and for no others. Raises UserError when
        there is no such member, with the place where its module failed.
        """
        if ":" in name:
            import_class(name, self.base)
            self.trusted.add(name)
        found = self.find(name)
        for field in fields(cast(Any, found.cls)):
            axis = getattr(found.cls, "member_fields", {}).get(field.name)
            used = (settings or {}).get(field.name, field.default)
            if axis and isinstance(used, str) and ":" in used:
                BY_PLURAL[axis].trust(used)
        return found

    def find(self, name: str) -> Found[T]:
        """The member called `name`; an import path is followed only where it is trusted.

        Raises UserError with a suggestion when there is none.
        """
        if name in self.trusted:
            return Found(name, import_class(name, self.base), {})
        if ":" in name:
            if cls := self._plug_ins.get(name):
                return Found(name, cls, {})
            raise UserError(
                f"{self.name} {shown(name)[1:-1]} is named by an import path, and no code that a"
                " row names, or a file of results, is imported; install its package with this"
                " path as a plug-in, or run its suite again"
            )
        for member, cls in self.members.items():
            pattern = getattr(cls, "pattern", None)
            if pattern is None:
                if member == name:
                    return Found(name, cls, {})
            elif match := re.fullmatch(pattern, name):
                return Found(name, cls, cast(Any, cls).from_name(match.groupdict()))
        raise UserError(f"unknown {self.name} {shown(name)}{did_you_mean(name, self.names())}")

    def make(self, name: str, settings: Mapping[str, Any] | None = None) -> T:
        """The member called `name` with `settings` checked against its fields."""
        found = self.find(name)
        given = {**found.implied, **(settings or {})}
        known = [field.name for field in fields(cast(Any, found.cls))]
        for parameter in given:
            if parameter not in known:
                hint = did_you_mean(parameter, known) if known else "; it has none"
                raise SettingError(f"{name} has no parameter {shown(parameter)}{hint}", parameter)
        try:
            with calling(found.cls, f"{name} cannot be made"):
                member: T = _adapter(cast(Any, found.cls)).validate_python(given)
        except ValidationError as error:
            first = error.errors()[0]
            reason = first["msg"].removeprefix("Value error, ").lower()
            if not first["loc"]:
                raise SettingError(f"{name}: {reason}", "") from None
            parameter = str(first["loc"][0])
            message = f"{name}: {parameter} = {shown(given.get(parameter))}: {reason}"
            raise SettingError(message, parameter) from None
        for parameter in given:
            value = getattr(member, parameter, None)
            if wrong := beyond(value):
                raise SettingError(f"{name}: {parameter} = {shown(value)}: {wrong}", parameter)
        return member

    def rebuild(self, identity: Mapping[str, Any]) -> T:
        """The member that an identity stands for; imports nothing that is not trusted."""
        return self.make(identity["name"], identity["settings"])

    def identity(self, name: str, member: T, beside: Path = Path()) -> dict[str, Any]:
        """What decides the behaviour of a member, as JSON values: name, version, all settings.

        Files that a setting names stand for their content (see `Model.pinned`). A plug-in's source
        is part of it, since its author changes it without raising a version. Raises UserError
        where such files are not there.

        A setting that a class names in `added_fields` is left out at its default: a member that
        learns something new behaves as before where it is not asked to, and keeps its stored
        results. Such a default can therefore change only together with `version`.
        """
        cls = type(member)
        pinned = getattr(member, "pinned", None)
        member = pinned(beside) if pinned else member
        added = getattr(cls, "added_fields", ())
        defaults = {f.name: f.default for f in fields(cast(Any, cls)) if f.name in added}
        settings = asdict(cast(Any, member))
        identity: dict[str, Any] = {
            "name": name,
            "version": getattr(cls, "version", 1),
            "settings": {
                setting: value
                for setting, value in settings.items()
                if setting not in defaults or value != defaults[setting]
            },
        }
        if not is_ours(cls):
            with blaming(f"{name} cannot be identified"):
                json.dumps(identity, allow_nan=False)
                source = Path(inspect.getfile(cls)).read_bytes()
            identity["source"] = hashlib.sha256(source).hexdigest()[:16]
        return identity

    def _only_member(self, module_name: str) -> type[T]:
        module = importlib.import_module(module_name)
        own = [
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, self.base)
            and value.__module__ == module_name
            and not inspect.isabstract(value)
        ]
        if len(own) != 1:
            raise TypeError(f"{module_name} defines {len(own)} members of {self.name}, not one")
        return own[0]


@cache
def _adapter(cls: type) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


def _family_name(cls: type) -> str | None:
    pattern = getattr(cls, "pattern", None)
    return None if pattern is None else re.sub(r"\(\?P<(\w+)>[^)]*\)\??", r"<\1>", pattern)
