"""Ways to spoil a suite: its bytes, its structure, the command line, and the names in it."""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from suite_words import IMPORT_PATHS, ODD_BYTES, ODD_KEYS, ODD_VALUES

AXES = ("models", "methods", "optimizers", "compressions", "runtimes", "outer")


@dataclass
class Spoilt:
    """A suite file as bytes, or the place of one that is none, and what the command line adds."""

    content: bytes
    assignments: list[str] = field(default_factory=list)
    only: list[str] = field(default_factory=list)
    path: Path | None = None


Mutation = Callable[[str, random.Random, Path], Spoilt]


def flip(text: str, dice: random.Random, folder: Path) -> Spoilt:
    content = bytearray(text, "utf-8")
    for _ in range(dice.choice([1, 1, 2, 5])):
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    return Spoilt(bytes(content))


def cut_or_repeat(text: str, dice: random.Random, folder: Path) -> Spoilt:
    content = text.encode()
    start = dice.randrange(len(content))
    end = start + dice.choice([1, 3, 20, 200])
    return Spoilt(content[:start] + content[start:end] * dice.choice([0, 2, 3]) + content[end:])


def insert(text: str, dice: random.Random, folder: Path) -> Spoilt:
    content = text.encode()
    for _ in range(dice.choice([1, 1, 3])):
        at = dice.randrange(len(content) + 1)
        content = content[:at] + dice.choice(ODD_BYTES) + content[at:]
    return Spoilt(content)


def odd_value(text: str, dice: random.Random, folder: Path) -> Spoilt:
    data = yaml.safe_load(text)
    place = dice.choice(list(_places(data)))
    _set(data, place, "PLACE")
    return Spoilt(_dumped(data).replace("PLACE", dice.choice(ODD_VALUES), 1).encode("utf-8"))


def odd_key(text: str, dice: random.Random, folder: Path) -> Spoilt:
    data = yaml.safe_load(text)
    values = (_get(data, place) for place in _places(data))
    mappings = [data, *(value for value in values if isinstance(value, dict))]
    mapping = dice.choice(mappings)
    value = mapping.pop(dice.choice(list(mapping))) if dice.random() < 0.5 and mapping else 1
    mapping["PLACE"] = value
    return Spoilt(_dumped(data).replace("PLACE", dice.choice(ODD_KEYS), 1).encode("utf-8"))


def other_type(text: str, dice: random.Random, folder: Path) -> Spoilt:
    data = yaml.safe_load(text)
    places = list(_places(data))
    place = dice.choice(places)
    value = _get(data, place)
    other = copy.deepcopy(_get(data, dice.choice(places)))
    _set(
        data,
        place,
        dice.choice([[value], {"x": value}, str(value), other, None, [value] * 900, {}]),
    )
    return Spoilt(yaml.dump(data, Dumper=_NoAliases, allow_unicode=True).encode())


def import_path(text: str, dice: random.Random, folder: Path) -> Spoilt:
    data, name = yaml.safe_load(text), dice.choice(IMPORT_PATHS)
    axis = dice.choice([*AXES, "methods", "source", "inner_optimizer"])
    if axis == "source":
        data["data"]["source"] = {"name": name}
    elif axis == "inner_optimizer":
        data["methods"] = [{"name": "maml", "inner_optimizer": name}]
    else:
        data[axis] = [dice.choice([name, {"name": name}, {"name": name, "x": 1}])]
    return Spoilt(yaml.safe_dump(data, allow_unicode=True).encode())


def assignment(text: str, dice: random.Random, folder: Path) -> Spoilt:
    data = yaml.safe_load(text)
    place = ".".join(map(str, dice.choice(list(_places(data)))))
    odd = [
        "",
        "a",
        "seeds",
        "data.",
        ".",
        "a" * 3000,
        "seeds.9",
        "seeds.-1",
        "seeds.x",
        "x." * 3000,
    ]
    place = dice.choice([place, place, place, *odd])
    value = dice.choice([*ODD_VALUES, *(b.decode("utf-8", "surrogateescape") for b in ODD_BYTES)])
    return Spoilt(text.encode(), assignments=[dice.choice([f"{place}={value}"] * 5 + [place])])


def selection(text: str, dice: random.Random, folder: Path) -> Spoilt:
    axes = [
        "model",
        "method",
        "optimizer",
        "language",
        "shots",
        "seed",
        "head",
        "",
        "methods",
        "x" * 999,
    ]
    values = [
        *ODD_VALUES,
        *IMPORT_PATHS,
        "," * 100_000,
        "(," * 50_000,
        "joint,joint",
        "maml(",
        "a)",
    ]
    return Spoilt(text.encode(), only=[f"{dice.choice(axes)}={dice.choice(values)}"])


def no_file(text: str, dice: random.Random, folder: Path) -> Spoilt:
    """What is no file of UTF-8 text, or a huge one."""
    pipe = folder / "pipe.yaml"
    if not pipe.exists():
        os.mkfifo(pipe)
    places = [
        folder,
        pipe,
        Path("/dev/zero"),
        Path("/dev/null"),
        folder / "no.yaml",
        folder / ("n" * 300),
    ]
    kind = dice.randrange(6)
    if kind < 3:
        return Spoilt(b"", path=dice.choice(places))
    contents = [
        text.encode("utf-16"),
        text.encode("latin-1", "replace") + b"# \xe9",
        b"",
        b"\n" * 10**6,
    ]
    contents += [text.encode() + b"# " + b"x" * 10**6, b"a: " + b"- " * 90_000, b"[" * 190_000]
    return Spoilt(dice.choice(contents))


MUTATIONS: list[Mutation] = [
    *(flip, cut_or_repeat, insert, insert, odd_value, odd_value, odd_value, odd_key, other_type),
    *(import_path, assignment, selection, no_file),
]


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _dumped(data: Any) -> str:
    return str(yaml.dump(data, Dumper=_NoAliases, allow_unicode=True, width=10**6))


def _places(data: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        yield (*place, key)
        if isinstance(value, dict | list):
            yield from _places(value, (*place, key))


def _get(data: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        data = data[key]
    return data


def _set(data: Any, place: tuple[Any, ...], value: Any) -> None:
    _get(data, place[:-1])[place[-1]] = value
