"""Schemas and safe readers for JSON in files and columns from other machines.

The schemas cover the fields that code relies on. Other fields may hold any JSON value, since they
are only displayed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

from annotated_types import Len
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import from_json
from typing_extensions import TypedDict

from benchmark.errors import DataError, shown
from benchmark.results.column import LARGEST, LONGEST_NAME
from benchmark.results.values import KEY, UNPRINTABLE

T = TypeVar("T")

DEEPEST = 40
"""The most levels of nesting; settings have about ten."""

_UNPRINTABLE = re.compile(re.sub(r"\\x\{(\w+)\}", r"\\u\1", UNPRINTABLE))

Name = Annotated[str, Field(max_length=LONGEST_NAME)]
Number = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]
Count = Annotated[int, Field(ge=0, le=10**18)]


class Hardware(TypedDict, total=False):
    cpu: Name | None
    gpu: Name | None
    cores: Count | None


class Git(TypedDict, total=False):
    commit: Name | None
    dirty: bool | None


class Protocol(TypedDict, total=False):
    seconds: Number | list[Number] | None


class _SpokenLanguage(TypedDict):
    language: Name


class Corpus(_SpokenLanguage, total=False):
    """The prepared speech of one language."""

    role: Name | None
    source: str | None
    synthetic: bool | None
    digest: Name | None
    blocked: str | None
    identity: dict[str, Any] | None
    num_utterances: dict[str, Count] | None
    seconds: dict[str, Number] | None
    left_out: dict[str, Count] | None


class Exclusion(TypedDict, total=False):
    where: dict[str, list[str]]
    reason: str
    cells: Count


class Provenance(TypedDict, total=False):
    """The fields of provenance.json that code relies on. Files of earlier versions lack some."""

    suite_text: str | None
    suite_path: str | None
    command: str | list[str] | None
    created: Name | None
    git: Git | None
    versions: dict[str, str] | None
    hardware: Hardware | None
    corpora: list[Corpus] | None
    disjoint: dict[str, list[str]] | None
    timing_protocol: Protocol | None
    timing_noise: dict[str, Annotated[list[Number | None], Len(2, 2)]] | None
    timing_invalid: dict[str, str] | None
    excluded: list[Exclusion] | None
    stages: dict[str, dict[str, Count]] | None
    seconds_total: Number | None


class LineageStage(TypedDict):
    """One of the stages that the hypotheses of a cell depend on."""

    kind: Name
    key: Annotated[str, Field(pattern=KEY)]
    content: Name | None


class LengthTiming(TypedDict):
    """The latency at one length of speech; an invalid timing has no ratio."""

    seconds: Number
    p50_ms: Number
    p50_low_ms: Number
    p50_high_ms: Number
    latency_ratio: Number | None


class Member(TypedDict, total=False):
    """The member that a label stands for. A chain of compressions has links instead of a name."""

    name: Name
    settings: dict[str, Any]


class Speech(TypedDict):
    """The data section of a cell."""

    name: Name
    settings: dict[str, Any]
    disjoint: list[Name]


_Tuned = TypedDict("_Tuned", {"from": dict[str, Any]})


class _Axes(TypedDict):
    model: Name
    method: Name
    outer: Name
    optimizer: Name
    compression: Name
    language: Name
    shots: Name
    head: Name
    runtime: Name
    seed: Name | int
    draw: int


class Settings(_Axes, total=False):
    """The fields of a cell's `params` that publishing relies on."""

    settings: dict[str, Member]
    data: Speech
    tuned: _Tuned
    pace: list[Number] | None


class RuntimeMember(TypedDict):
    """A runtime with its settings, as in a stage or a cell."""

    name: Name
    settings: dict[str, Any]


class _Artefact(TypedDict):
    artefact: Annotated[str, Field(pattern=KEY)]


class Evaluated(_Artefact, total=False):
    """The fields of an `evaluate` stage's identity that locate its artefact."""

    runtime: Name | RuntimeMember


PROVENANCE = TypeAdapter(Provenance)
EVALUATED = TypeAdapter(Evaluated)
CHOSEN = TypeAdapter(dict[str, str | bool | Number | list[Any] | None])
RUNTIME: TypeAdapter[Any] = TypeAdapter(Name | RuntimeMember)
LINEAGE = TypeAdapter(list[LineageStage])
LENGTHS = TypeAdapter(list[LengthTiming])
CURVE = TypeAdapter(dict[Annotated[str, Field(pattern="^[0-9]{1,9}$")], Number])
SETTINGS = TypeAdapter(Settings)


def loads(text: str | bytes) -> Any:
    """Parse a JSON text. Raises only ValueError, if it is not valid JSON.

    The parser of the standard library is unsuitable: it accepts half of a surrogate pair, and deep
    nesting ends in a RecursionError.
    """
    try:
        return from_json(text, allow_inf_nan=False)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def read_json(path: Path, whole: bool = True) -> Any:
    """Read a JSON file and make it `printable`; `whole=False` skips that for large files.

    Raises DataError if it cannot be read.
    """
    try:
        value = from_json(path.read_bytes())
        return printable(value) if whole else value
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not valid JSON ({str(error)[:120]})") from None


def valid(adapter: TypeAdapter[T], value: Any) -> Any:
    """The value itself. Raises ValueError with the first wrong field if it violates the schema."""
    try:
        adapter.validate_python(value, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in _place(first["loc"]))
        actual = "" if first["type"] == "missing" else f", not {shown(first['input'], 40)}"
        reason = first["msg"].replace("Input should", "should").lower()[:120]
        raise ValueError(f"{place.lstrip('.')[:120] or 'it'}: {reason}{actual}") from None
    return value


def _place(location: tuple[int | str, ...]) -> Iterator[int | str]:
    """The path of a field, without the names of union members that pydantic inserts."""
    for part in location:
        if isinstance(part, int) or re.fullmatch(r"[\w-]{1,40}", part):
            yield part


def printable(value: Any, depth: int = 0) -> Any:
    """A value whose texts a terminal and a page can display, with null for NaN.

    Raises ValueError if it is nested too deeply or a number is beyond LARGEST.
    """
    if depth > DEEPEST:
        raise ValueError("it is nested too deeply")
    if isinstance(value, dict):
        return {_text(k): printable(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [printable(item, depth + 1) for item in value]
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, int | float) and abs(value) > LARGEST:
        raise ValueError(f"{shown(value)} is too large a number")
    return _text(value) if isinstance(value, str) else value


def _text(text: str) -> str:
    return _UNPRINTABLE.sub("\ufffd", text)
