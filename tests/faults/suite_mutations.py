"""Ways to spoil a suite: bytes, structure, what the command line adds, and modules that it names."""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

BOMB = "[&a0 [x, x, x, x, x, x, x, x, x], " + ", ".join(
    f"&a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)
)

ODD_VALUES = [
    *("null", "~", "true", "No", "0", "-1", "-0.0", "[]", "{}", "''", "=", "<<", "x: y: z"),
    *("1e999", "1.0e+999", ".nan", "-.inf", "'nan'", "'inf'", "1e-400", "9223372036854775808"),
    *("9" * 30, "9" * 5000, f"'{'9' * 5000}'", "0x" + "f" * 99, "0o17", "017", "0b11", "1_000"),
    *("1:30", "190:20:30.15", "2024-01-01", "2024-13-45", "2001-12-14t21:59:43.10-05:00"),
    *('"\\ud800"', '"\\0"', '"\\U00110000"', '"\\UFFFFFFFF"', '"a\\nb"', '"\\u202e"', '"\\e[31m"'),
    *("!!python/name:os.system", "!!python/object/apply:os.system [exit]", "!!set {a, b}"),
    *("!!omap [a: 1]", "!!binary aGk=", "!!timestamp 2001-01-01", "!!int x", "!!float y", "!o p"),
    *("!!str 017", "!!null x", "!!bool maybe", "!<tag:yaml.org,2002:merge> a", "! x", "!!map []"),
    *(
        "[" * 2000 + "]" * 2000,
        "{a: " * 900 + "}" * 900,
        "[" * 5000,
        BOMB + "]",
        "&r [*r]",
        "*none",
    ),
    *("[&x [1, 2], *x, *x]", "{<<: {name: maml}}", "{? [a, b] : c}", "{: empty}", "{null: 1}"),
    *("x" * 20_000, "'" + "ab " * 3000 + "'", "/dev/zero", "/", "../..", "./.", "~root", "a/b"),
    *("hub:", "hub:/", "hub:a/b/c", "hub:..", "synthetic", "{name: synthetic, train: 1e99}"),
    *(
        "int0",
        "int99999999999999999999",
        "prune100",
        "int8+int8+int8",
        "int8@never",
        "@",
        "+",
        "a@b@c",
    ),
    *("{chain: int8}", "{chain: []}", "{chain: [null]}", "{chain: [int8], only: [[a]]}"),
    *(
        "{name: maml, inner_steps: [[]]}",
        "{name: adamw, lr: [.1, .1]}",
        "{name: null}",
        "{name: []}",
    ),
    f"{{name: maml, inner_steps: {list(range(1, 90))}, tasks: {list(range(1, 90))}}}",
    str(list(range(3000))),
    "[" + ", ".join(["joint"] * 500) + "]",
]
ODD_KEYS = [
    *(
        "''",
        "<<",
        "? [a]\n: ",
        "1",
        "null",
        "~",
        "name",
        "namee",
        "exclude",
        "tune",
        "=",
        "*a",
        "&k z",
    ),
    *(
        '"\\0"',
        '"\\ud800"',
        "k" * 3000,
        "!!python/none k",
        "2024-01-01",
        "check",
        "curve",
        "timing",
    ),
]
ODD_BYTES = [
    *(
        b"\x0c",
        b"\x00",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\xc2\x85",
        b"\xe2\x80\xa8",
        b"\t",
    ),
    *(
        b"\x1b[2J",
        b"\xe2\x80\xae",
        b"\xf0\x9f\x8e\x99",
        b"\r",
        b"\n\n",
        b"---\n",
        b"...\n",
        b"%YAML 9.9\n",
    ),
    *(
        b"&a ",
        b"*a",
        b"!!python/tuple ",
        b"|",
        b">9",
        b"{",
        b"[",
        b"? ",
        b": ",
        b"#",
        b"'",
        b'"',
        b"@",
        b"`",
    ),
    *(
        b"%TAG ! tag:x,2000:\n---\n",
        b"\xf4\x90\x80\x80",
        b"\xc0\x80",
        b"<<: *x\n",
        b"- ",
        b",",
        b"}",
    ),
]

MODULES = {
    "fault_divides": "1 / 0",
    "fault_exits": "import sys\nsys.exit(1)",
    "fault_syntax": "def",
    "fault_quits": "class Quit(BaseException): pass\nraise Quit('\\n' * 9 + 'x' * 5000)",
    "fault_recurses": "def f(): f()\nf()",
    "fault_values": "number, text, kind, function = 1, 'x', dict, len",
    "fault_members": (
        "from dataclasses import dataclass, field\nfrom typing import Any\n"
        "from benchmark.methods.joint import Joint\nfrom benchmark.methods.base import Method\n"
        "from benchmark.methods.maml import Maml\n"
        "from benchmark.data.corpora.base import Corpus\n"
        "class Abstract(Method): pass\n"
        "@dataclass(frozen=True)\nclass Good(Joint):\n  'Good.'\n  more: int = 1\n"
        "@dataclass(frozen=True)\nclass Raises(Joint):\n  def __post_init__(self): {}['no']\n"
        "@dataclass(frozen=True)\nclass Unstorable(Joint):\n  kept: Any = field(default_factory=set)\n"
        "@dataclass(frozen=True)\nclass Odd(Joint):\n  odd: len = 1\n"
        "@dataclass(frozen=True)\nclass Named(Maml):\n  inner_optimizer: str = 'fault_divides:X'\n"
        "@dataclass(frozen=True)\nclass Speaks(Corpus):\n"
        "  def languages(self): raise OSError('none')\n  def identity(self, language): return {}\n"
        "  def read(self, language): return []\n"
    ),
}
IMPORT_PATHS = [
    *(
        ":X",
        "a:",
        ":",
        ".a:X",
        "..:X",
        "a..b:X",
        "a b:c",
        "a:b:c",
        "a:B.C",
        "1:2",
        "os:path",
        "é:x",
    ),
    *(
        "no_such:X",
        "benchmark.methods.base:Method",
        "benchmark.methods.maml:Maml",
        "sys:exit",
        "__main__:X",
    ),
    *(f"{name}:X" for name in MODULES),
    *(f"fault_values:{name}" for name in ("number", "text", "kind", "function")),
    *(
        f"fault_members:{name}"
        for name in ("Abstract", "Good", "Raises", "Unstorable", "Odd", "Named")
    ),
    "fault_members:Speaks",
    "a" * 3000 + ":X",
]
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
    mappings = [
        data,
        *(v for v in map(lambda p: _get(data, p), _places(data)) if isinstance(v, dict)),
    ]
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
