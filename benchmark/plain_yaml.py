"""YAML of strings, numbers, booleans, null, lists and mappings, and nothing else.

Data is built from parser events, and no YAML constructor is ever called: what a file says can
neither make an object nor fail in one. Size, depth and number of values are bounded, those that
aliases repeat included, so that no file takes more than seconds. What YAML 1.1 and 1.2 read
differently is text or refused, see docs/suites.md.
"""

from __future__ import annotations

import math
import re
from typing import Any

import yaml

from benchmark.errors import shown

MAX_BYTES = 200_000
"""Of a file: thirty times the longest suite that comes with the benchmark, and seconds to read."""

MAX_VALUES = 20_000
MAX_DEPTH = 32
MAX_TEXT = 10_000
"""Characters of one text."""

Location = tuple[str | int, ...]

_TEXT_TAG = "tag:yaml.org,2002:str"
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9_]*|0x[0-9a-fA-F]+)")
_WITH_POINT = re.compile(r"(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?")
_OCTAL = re.compile(r"[-+]?0[0-7_]+")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class NotPlainError(ValueError):
    """Text that is no YAML, or is more than plain data; `line` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def parse(text: str) -> tuple[Any, dict[Location, int]]:
    """The data of one YAML document, None where it is empty, and the line of each value in it.

    The line of a mapping's value is that of its key. Keys are text as it is written. Raises
    NotPlainError with what is wrong and where.
    """
    try:
        loader = yaml.SafeLoader(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        character = f"character U+{error.character:04X}"
        raise NotPlainError(f"not valid YAML: {character} is not allowed", line) from None
    try:
        builder = _Builder(loader)
        return builder.document(), builder.lines
    finally:
        loader.dispose()


def beyond(value: object) -> str | None:
    """What is wrong with a number that no result can hold: one not finite, or beyond 64 bits.

    Looks into lists, tuples and mappings; None where nothing is wrong.
    """
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return next((reason for item in value if (reason := beyond(item))), None)
    if isinstance(value, float) and not math.isfinite(value):
        return "not a finite number"
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return "too large a number"
    return None


class _Builder:
    """Builds data from the events of a parser; recursion is as deep as `MAX_DEPTH` at most."""

    def __init__(self, loader: yaml.SafeLoader) -> None:
        self._loader = loader
        self._anchored: dict[str, Any] = {}
        self._count = 0
        self.lines: dict[Location, int] = {}

    def document(self) -> Any:
        self._next()  # the start of the stream
        event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        data = self._value(self._next(), ())
        self._next()  # the end of the document
        if not isinstance(event := self._next(), yaml.StreamEndEvent):
            raise NotPlainError("not valid YAML: a second document begins", _line(event))
        return data

    def _next(self) -> Any:
        try:
            return self._loader.get_event()  # type: ignore[no-untyped-call]
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            raise NotPlainError(f"not valid YAML: {error.problem}", line) from None
        except (ValueError, OverflowError):
            # Escapes of what is no character, and numbers of directives that have no end.
            line = self._loader.line + 1
            raise NotPlainError("not valid YAML: a number is out of range", line) from None

    def _value(self, event: Any, place: Location) -> Any:
        line = _line(event)
        self._bound(len(place), line)
        self.lines.setdefault(place, line)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchored:
                raise NotPlainError(f"*{event.anchor} has no anchor above it", line)
            return self._repeated(self._anchored[event.anchor], len(place), line)
        if isinstance(event, yaml.ScalarEvent):
            value: Any = _scalar(event, line)
        else:
            _refuse_tag(event, line)
            is_list = isinstance(event, yaml.SequenceStartEvent)
            value = self._list(place) if is_list else self._mapping(place)
        if event.anchor:
            self._anchored[event.anchor] = value
        return value

    def _list(self, place: Location) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._value(event, (*place, len(items))))
        return items

    def _mapping(self, place: Location) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            line = _line(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise NotPlainError("a key is text, and this one is not", line)
            if event.value == "<<" and event.style is None:
                raise NotPlainError("merge keys (<<) are not read; write the settings out", line)
            _refuse_tag(event, line)
            key = _text(event.value, line)
            if key in mapping:
                raise NotPlainError(f"{shown(key)} is given twice", line)
            self.lines[(*place, key)] = line
            mapping[key] = self._value(self._next(), (*place, key))
        return mapping

    def _repeated(self, value: Any, depth: int, line: int) -> Any:
        """A copy, so that a change to one leaves the other alone, and counted like the first."""
        self._bound(depth, line)
        if isinstance(value, dict):
            return {key: self._repeated(item, depth + 1, line) for key, item in value.items()}
        if isinstance(value, list):
            return [self._repeated(item, depth + 1, line) for item in value]
        return value

    def _bound(self, depth: int, line: int) -> None:
        self._count += 1
        if self._count > MAX_VALUES:
            raise NotPlainError(f"more than {MAX_VALUES:,} values, repeated ones included", line)
        if depth > MAX_DEPTH:
            raise NotPlainError(f"nested deeper than {MAX_DEPTH} levels", line)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _refuse_tag(event: Any, line: int) -> None:
    allowed = (None, _TEXT_TAG) if isinstance(event, yaml.ScalarEvent) else (None,)
    if event.tag not in allowed:
        raise NotPlainError(f"tags are not read: {shown(event.tag)}", line)


def _text(value: str, line: int) -> str:
    if found := _NO_TEXT.search(value):
        raise NotPlainError(f"text holds the character U+{ord(found[0]):04X}", line)
    if len(value) > MAX_TEXT:
        raise NotPlainError(f"a text of {len(value):,} characters; at most {MAX_TEXT:,}", line)
    return value


def _scalar(event: yaml.ScalarEvent, line: int) -> str | int | float | bool | None:
    """What a scalar stands for: in quotes and block style, always text."""
    _refuse_tag(event, line)
    written = _text(event.value, line)
    if event.tag or event.style is not None:
        return written
    if written in _NULL:
        return None
    if written in _TRUTH:
        return _TRUTH[written]
    number: int | float | None = None
    if _WHOLE.fullmatch(written):
        # Python refuses to read thousands of digits.
        digits = written.replace("_", "")[:100]
        number = int(digits, 16 if "x" in digits else 10)
    elif _WITH_POINT.fullmatch(written):
        number = float(written.replace("_", ""))
    if reason := beyond(number):
        raise NotPlainError(f"{shown(written)} is {reason}", line)
    if number is not None:
        return number
    if _NOT_FINITE.fullmatch(written):
        raise NotPlainError(f"{written} is not a finite number", line)
    if _OCTAL.fullmatch(written):
        raise NotPlainError(
            f"{shown(written)}: some programs read this as octal; write the number without its"
            " zero, or in quotes if it is text",
            line,
        )
    return written
