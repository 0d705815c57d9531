"""Reading of one split of a dataset."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Any

from benchmark.data.corpora.base import RawUtterance
from benchmark.data.corpora.layout.audio import AudioFiles, NoAudio, printable
from benchmark.data.corpora.layout.columns import Columns, recognise_columns
from benchmark.data.corpora.layout.formats.base import Table
from benchmark.data.corpora.layout.formats.open import open_table
from benchmark.data.corpora.layout.kinds import is_audio, is_hidden
from benchmark.data.corpora.layout.selection import Selection
from benchmark.data.corpora.layout.splits import folder_of
from benchmark.data.corpora.layout.values import as_text, check_type, has_line_break
from benchmark.errors import DataError


@dataclass
class SplitReader:
    """The split of `selection` that is read as `role`; `place` is its name in messages."""

    selection: Selection
    role: str
    audio: AudioFiles
    mapping: Mapping[str, str]
    place: str
    position: int = 0

    def __post_init__(self) -> None:
        self.split = self.selection.splits[self.role]
        self.name = next(n for n, role in self.selection.used_as.items() if role == self.role)

    def rows(self) -> Iterator[RawUtterance]:
        """The rows of its tables or, without tables, its audio files. Raises DataError."""
        if not self.split.tables:
            yield from self._labelled()
        first: tuple[str, Columns] | None = None
        for name in self.split.tables:
            table = open_table(self.audio.root / name)
            names_audio = not self.split.embedded
            columns = recognise_columns(table.columns, self.mapping, self.place, names_audio)
            if first and first[1] != columns:
                raise DataError(
                    f"{self.place}: {first[0]} and {name} differ in their columns:"
                    f" {first[1].listed} and {columns.listed}"
                )
            first = first or (name, columns)
            yield from self._table(table, name, columns)

    def _labelled(self) -> Iterator[RawUtterance]:
        """Its audio files, with the name of their folder as `label`; those in the folder of the
        split itself have none."""
        recognise_columns(["audio", "label"], self.mapping, self.place)
        for file in sorted(f for f in self.split.files if is_audio(f) and not is_hidden(f)):
            folder = posixpath.dirname(file)
            data, problem = self._content(file)
            label: str | None = posixpath.basename(folder)
            if folder == folder_of(self.name, file, self.selection.top):
                label = None
            elif label and printable(label) != label:
                label, problem = printable(label), "the name of its folder is not UTF-8"
            yield self._utterance(printable(posixpath.basename(file)), data, label, None, problem)

    def _table(self, table: Table, name: str, columns: Columns) -> Iterator[RawUtterance]:
        for role, column in columns.texts.items():
            check_type(table, column, role)
        if self.split.embedded and not table.holds_audio(columns.audio):
            raise DataError(f"{self.place}: column {columns.audio!r} holds no encoded audio files")
        wanted = list(dict.fromkeys((columns.audio, *columns.texts.values())))
        for number, values in table.rows(wanted):
            texts = {
                role: as_text(values[column], table, number, column, role)
                for role, column in columns.texts.items()
            }
            if self.split.embedded:
                path, data, problem = _embedded(values[columns.audio])
            else:
                path = as_text(values[columns.audio], table, number, columns.audio, "audio")
                file, problem = self._found(path, name)
                if not self._belongs(file, name):
                    continue
                data, problem = self._content(file) if file else (None, problem)
            id_ = texts.get("id")
            if id_ is None:
                id_ = PurePath(path).name if path else f"{self.position:06d}"
            yield self._utterance(id_, data, texts["text"], texts.get("speaker"), problem)

    def _found(self, path: str | None, table: str) -> tuple[str | None, str | None]:
        """The file for a path in a table, or the reason why there is none."""
        if path is None:
            return None, None
        beside = self.name if table in self._files else ""
        try:
            return self.audio.find(path, posixpath.dirname(table), beside), None
        except NoAudio as reason:
            return None, str(reason)

    def _belongs(self, file: str | None, table: str) -> bool:
        """Whether a row belongs to this split: all rows of its own tables do. Rows of a table above
        several splits belong to the split with their file, or to the first if there is none."""
        if table in self._files:
            return True
        if file is None:
            return self.role == next(iter(self.selection.splits))
        return file in self._files

    @cached_property
    def _files(self) -> frozenset[str]:
        return frozenset(self.split.files)

    def _content(self, file: str) -> tuple[bytes | None, str | None]:
        try:
            return self.audio.use(file, self.role), None
        except NoAudio as reason:
            return None, str(reason)

    def _utterance(
        self,
        id_: str,
        data: bytes | None,
        text: str | None,
        speaker: str | None,
        problem: str | None,
    ) -> RawUtterance:
        self.position += 1
        if problem is None and text and has_line_break(text):
            problem = "a line break in its transcript"
        return RawUtterance(id_, self.role, data, text, speaker, problem)


def _embedded(value: Any) -> tuple[str | None, bytes | None, str | None]:
    """Path, content, and the problem if there is only a path."""
    if isinstance(value, dict):
        path, data = value.get("path"), value.get("bytes")
        path = path if isinstance(path, str) else None
        return path, data, "only a path, no audio" if path and not data else None
    return None, value, None
