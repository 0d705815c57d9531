"""A YAML file as plain data that remembers the line of every value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from benchmark.errors import SuiteError

Location = tuple[str | int, ...]


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
    """Read a suite file. Raises SuiteError when it is absent, no mapping or not YAML."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SuiteError(f"cannot read {path}: {getattr(error, 'strerror', error)}") from None
    document = Document(path, text, {})
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if not isinstance(root, yaml.MappingNode):
            raise SuiteError("a suite is a mapping of settings", path, 1)
        document.data = _plain(root, (), document)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SuiteError(f"not valid YAML: {error.problem}", path, line) from None
    return document


def assign(document: Document, assignment: str) -> None:
    """Apply one `a.b=c` of the command line; the value is YAML, a number picks a list item."""
    target, equals, text = assignment.partition("=")
    if not equals or not target:
        raise SuiteError(f"--set {assignment}: expected KEY=VALUE, such as budget.adapt=500")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        raise SuiteError(f"--set {assignment}: the value is not valid YAML") from None
    *parents, last = target.split(".")
    place: Any = document.data
    try:
        for name in parents:
            place = place.setdefault(name, {}) if isinstance(place, dict) else place[int(name)]
        if isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value
    except (ValueError, IndexError, TypeError, AttributeError):
        raise SuiteError(f"--set {assignment}: the suite has no such place") from None


def _plain(node: yaml.Node, place: Location, document: Document) -> Any:
    document.lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = _plain(key_node, (*place, "<key>"), document)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                key = key_node.value
            if key in mapping:
                raise SuiteError(f"{key!r} is given twice", document.path, line)
            document.lines[(*place, key)] = line
            mapping[key] = _plain(value_node, (*place, key), document)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*place, i), document) for i, item in enumerate(node.value)]
    if node.tag.endswith(":bool") and node.value.lower() not in ("true", "false"):
        # YAML 1.1 reads a bare `no` as false; here it is Norwegian.
        return node.value
    constructor = yaml.SafeLoader("")
    try:
        return constructor.construct_object(node, deep=True)
    finally:
        constructor.dispose()
