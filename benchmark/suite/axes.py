"""Axis entries: a name, or a mapping with parameters whose lists expand into several entries."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar, cast, get_args

from benchmark.axis import Axis, SettingError
from benchmark.compression.chain.chain import Chain, When
from benchmark.errors import DataError, UserError, did_you_mean, shown
from benchmark.plain_yaml import Location
from benchmark.registry import COMPRESSIONS
from benchmark.suite.document import Document
from benchmark.suite.schema import Choice

T = TypeVar("T")

MAX_LINKS = 32
MAX_ENTRIES = 2_000
"""Limit per axis, after expansion of lists."""


@dataclass(frozen=True)
class _Entry:
    """One entry after expansion: a name, its given parameters, and its place in the file."""

    name: str
    given: dict[str, Any]
    place: Location


def choices(
    axis: Axis[T], entries: Sequence[Any], document: Document, place: Location
) -> tuple[Choice[T], ...]:
    """The members named by the entries of one axis. Raises SuiteError with the line."""
    expanded = _expanded(entries, document, place)
    made = [_choice(axis, entry, document) for entry in _bounded(expanded, document, place)]
    _reject_same_label(made, document, place)
    return tuple(made)


_CHAIN = ("chain", "when", "only")


def chains(entries: Sequence[Any], document: Document) -> tuple[Choice[Chain], ...]:
    """Compressions, each a technique or a chain of them (`prune50+int8`).

    With parameters, a chain is a mapping `{chain: [{name: prune50}, {name: int8, ...}]}`. Both
    forms can set when it is applied: `int4@during`, `{chain: [int4], when: [before, after]}`. A
    mapping can also restrict it to parameters: `{chain: [int3], only: ["blocks.0.*", "output.*"]}`.
    """
    made = _bounded(_chains(entries, document), document, ("compressions",))
    _reject_same_label(made, document, ("compressions",))
    return tuple(made)


def _chains(entries: Sequence[Any], document: Document) -> Iterator[Choice[Chain]]:
    for i, entry in enumerate(entries):
        place: Location = ("compressions", i)
        times: list[Any] = ["after"]
        places: list[Any] = [None]
        if isinstance(entry, str):
            text, at, time = entry.partition("@")
            steps: list[Any] = text.split("+")
            times = [time] if at else times
        elif isinstance(entry, dict) and "chain" in entry and set(entry) <= set(_CHAIN):
            steps = entry["chain"]
            if not isinstance(steps, list) or not steps:
                raise document.error(f"chain = {shown(steps)}: expected a list of entries", place)
            times = entry.get("when", times)
            times = times if isinstance(times, list) else [times]
            places = entry.get("only", places)
            places = places if isinstance(places, list) else [places]
            if wrong := [p for p in places if not isinstance(p, str | None)]:
                raise document.error(f"only = {shown(wrong[0])}: expected a pattern", place)
            if places != [None] and times != ["after"]:
                raise document.error("`only` goes with compression after adaptation", place)
            place = (*place, "chain")
        else:
            steps = [entry]
        if len(steps) > MAX_LINKS:
            raise document.error(f"a chain of more than {MAX_LINKS} compressions", place)
        for time in times:
            if time not in get_args(When):
                hint = did_you_mean(str(time), list(get_args(When)))
                raise document.error(f"a compression cannot happen {shown(time)}{hint}", place)
        expanded = (_expanded([step], document, place) for step in steps)
        variants = [_bounded(variant, document, place) for variant in expanded]
        for links in itertools.product(*variants):
            members = tuple(_make(COMPRESSIONS, link, document) for link in links)
            identities = [
                COMPRESSIONS.identity(link.name, member)
                for link, member in zip(links, members, strict=True)
            ]
            label = "+".join(map(_label, links))
            for time, only in itertools.product(times, places):
                chain = Chain(members, tuple(map(_label, links)), time, only)
                named = label if time == "after" else f"{label}@{time}"
                named = named if only is None else f"{named}[{only}]"
                yield Choice(named, chain, chain.identity(identities))


def _expanded(entries: Sequence[Any], document: Document, place: Location) -> Iterator[_Entry]:
    for i, entry in enumerate(entries):
        here: Location = (*place, i) if (*place, i) in document.lines else place
        if isinstance(entry, str):
            yield _Entry(entry, {}, here)
            continue
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise document.error(
                f"{shown(entry)} in {place[0]}: expected a name, or a mapping with a 'name'", here
            )
        given = {key: value for key, value in entry.items() if key != "name"}
        lists = [value if isinstance(value, list) else [value] for value in given.values()]
        if [] in lists:
            raise document.error(f"{entry['name']}: a parameter has an empty list", here)
        for values in itertools.product(*lists):
            yield _Entry(entry["name"], dict(zip(given, values, strict=True)), here)


def _bounded(made: Iterable[T], document: Document, place: Location) -> list[T]:
    """The expanded entries. Raises SuiteError if there are more than `MAX_ENTRIES`."""
    first = list(itertools.islice(made, MAX_ENTRIES + 1))
    if len(first) > MAX_ENTRIES:
        raise document.error(f"{place[0]} stands for more than {MAX_ENTRIES:,} entries", place)
    return first


def _choice(axis: Axis[T], entry: _Entry, document: Document) -> Choice[T]:
    member, label = _make(axis, entry, document), _label(entry)
    try:
        identity = axis.identity(entry.name, member, document.path.parent)
        return Choice(label, member, identity, given=frozenset(entry.given))
    except DataError as error:
        # The member cannot be used, so its identity in keys does not matter.
        settings = {"name": entry.name, "settings": asdict(cast(Any, member))}
        return Choice(label, member, settings, blocked=f"{label}: {error}")
    except UserError as error:
        raise document.error(f"{label}: {error}", entry.place) from None


def _make(axis: Axis[T], entry: _Entry, document: Document) -> T:
    try:
        axis.trust(entry.name, entry.given)
        return axis.make(entry.name, entry.given)
    except SettingError as error:
        raise document.error(str(error), (*entry.place, error.parameter)) from None
    except UserError as error:
        raise document.error(str(error), entry.place) from None


def _label(entry: _Entry) -> str:
    """The name, with the parameters that the suite sets in brackets."""
    if not entry.given:
        return entry.name
    return f"{entry.name}({','.join(f'{key}={_shown(v)}' for key, v in entry.given.items())})"


def _shown(value: object) -> str:
    """A value in the syntax of a suite, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_shown(v) for v in value) + "]"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return str(value)


def _reject_same_label(made: Sequence[Choice[Any]], document: Document, place: Location) -> None:
    if (i := repeated([choice.label for choice in made])) is not None:
        raise document.error(f"{shown(made[i].label)} is given twice in {place[0]}", place)


def repeated(values: Sequence[Hashable]) -> int | None:
    """The index of the first repeated value; None if all differ."""
    seen = set()
    for i, value in enumerate(values):
        if value in seen:
            return i
        seen.add(value)
    return None


def field_names(cls: type) -> list[str]:
    """The settings of a member class."""
    return [field.name for field in fields(cast(Any, cls))]
