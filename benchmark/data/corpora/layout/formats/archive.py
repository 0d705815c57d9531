"""Tar archives in the layout of WebDataset: files that share a name form a row."""

from __future__ import annotations

import os
import re
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmark.data.corpora.layout.formats.base import Row, Table
from benchmark.data.corpora.layout.kinds import is_audio
from benchmark.errors import DataError

MEMBER = re.compile(r"((?:.*/|)[^./][^./]*)[.]([^/]+)", re.DOTALL)
BLOCK = 512
"""Size of a block of zeros; two of them end an archive."""

KEY = "__key__"
"""The column of the shared name of the files of a row."""


class Tar(Table):
    """One column per extension: bytes for audio, text for others."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with self._open() as archive:
            fields = dict.fromkeys(field for *_, field in self._members(archive))
        if not fields:
            raise DataError(f"{path} holds no files in the layout of WebDataset (name.extension)")
        self.columns = [*fields, KEY]

    def rows(self, columns: Sequence[str]) -> Iterator[Row]:
        """The rows. Raises DataError for text that is not UTF-8, and for a duplicate file."""
        number, row = 0, dict[str, Any]()
        with self._open() as archive:
            for member, key, field in self._members(archive):
                if row.get(KEY) != key:
                    if row:
                        yield number, {column: row.get(column) for column in columns}
                    number, row = number + 1, {KEY: key}
                if field in row:
                    raise DataError(f"{self.path}: {member.name} is there twice")
                row[field] = self._read(archive, member, field) if field in columns else None
            if row:
                yield number, {column: row.get(column) for column in columns}

    def holds_audio(self, column: str) -> bool:
        return is_audio(f"a.{column}")

    def _read(self, archive: tarfile.TarFile, member: tarfile.TarInfo, field: str) -> Any:
        file = archive.extractfile(member)
        data = file.read() if file else b""
        if self.holds_audio(field):
            return data
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise DataError(f"{self.path}: {member.name} is not UTF-8") from None

    def _open(self) -> _Archive:
        return _Archive(self.path)

    def _members(self, archive: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, str, str]]:
        for member in archive:
            if member.isfile() and (name := MEMBER.fullmatch(member.name)):
                yield member, name[1], name[2].lower()
        # tarfile accepts an archive that is truncated between two files.
        with self.path.open("rb") as file:
            file.seek(-min(BLOCK, self.path.stat().st_size), os.SEEK_END)
            if file.read().strip(b"\0"):
                raise DataError(f"{self.path} is truncated: it lacks the end of a tar file")


class _Archive:
    """An open archive; its errors name the file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> tarfile.TarFile:
        try:
            self.archive = tarfile.open(self.path, "r:")
        except (tarfile.TarError, OSError) as error:
            raise DataError(f"{self.path} is not a readable tar file: {error}") from error
        return self.archive

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self.archive.close()
        if isinstance(error, tarfile.TarError | OSError):
            raise DataError(f"{self.path} is not a readable tar file: {error}") from error
