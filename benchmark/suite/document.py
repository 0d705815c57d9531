"""A YAML file as plain data, with the line of every value."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark.errors import SuiteError, shown
from benchmark.plain_yaml import MAX_BYTES, MAX_DEPTH, Location, NotPlainError, parse


@dataclass
class Document:
    """Data of a YAML file; `lines` holds the line (from 1) of each key and list item."""

    path: Path
    text: str
    data: dict[str, Any]
    lines: dict[Location, int] = field(default_factory=dict)

    def error(self, message: str, at: Sequence[str | int] = ()) -> SuiteError:
        """An error at the deepest known line above `at`."""
        place = tuple(at)
        while place and place not in self.lines:
            place = place[:-1]
        return SuiteError(message, self.path, self.lines.get(place, 1))


def read(path: Path) -> Document:
    """Read a suite file. Raises SuiteError if it is absent, not a mapping or not plain YAML."""
    text = _text(path)
    try:
        data, lines = parse(text)
    except NotPlainError as error:
        raise SuiteError(str(error), path, error.line) from None
    if not isinstance(data, dict):
        raise SuiteError("a suite is a mapping of settings", path, lines.get((), 1))
    return Document(path, text, data, lines)


def _text(path: Path) -> str:
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            os.set_blocking(file.fileno(), True)
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SuiteError(f"cannot read {path}: {reason}") from None
    if len(content) > MAX_BYTES:
        raise SuiteError(f"larger than {MAX_BYTES:,} bytes, the most that a suite may have", path)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise SuiteError(f"not UTF-8 (byte 0x{byte:02x}); save it as UTF-8", path, line) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _without_waiting(path: str, flags: int) -> int:
    """Opens without blocking, so that a named pipe without a writer is read as empty."""
    return os.open(path, flags | os.O_NONBLOCK)


def assign(document: Document, assignment: str) -> None:
    """Apply one `a.b=c` of the command line; the value is YAML, and a number as a key selects a
    list item."""
    target, equals, text = assignment.partition("=")
    given = f"--set {shown(assignment)[1:-1]}"
    if not equals or not target:
        raise SuiteError(f"{given}: expected KEY=VALUE, such as budget.adapt=500")
    try:
        value, _ = parse(text)
    except NotPlainError as error:
        raise SuiteError(f"{given}: {error}") from None
    *parents, last = target.split(".")
    if len(parents) >= MAX_DEPTH:
        raise SuiteError(f"{given}: nested deeper than {MAX_DEPTH} levels")
    place: Any = document.data
    try:
        for name in parents:
            place = place.setdefault(name, {}) if isinstance(place, dict) else place[int(name)]
        if isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value
    except (ValueError, IndexError, TypeError, AttributeError):
        raise SuiteError(f"{given}: the suite has no such place") from None
