"""The files of a dataset by their names below its root, on this disk or on the Hub.

Names are only compared literally, never interpreted as a pattern, scheme or option. Links on this
disk are followed to any place; a folder is never entered from within itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmark.errors import DataError


class Tree(Protocol):
    """Names are POSIX paths below the root."""

    def folders(self) -> list[str]:
        """The folders at the top, sorted."""

    def has(self, name: str) -> bool:
        """Whether there is a file of this name."""

    def files(self, folder: str = "") -> list[str]:
        """All files below a folder, sorted, except those in hidden folders and in `__...`."""


@dataclass(frozen=True)
class LocalTree:
    """The files below a folder on this disk: regular files and broken links."""

    root: Path

    def folders(self) -> list[str]:
        """The folders at the top. Raises DataError if the root cannot be listed."""
        return sorted(e.name for e in _entries(self.root) if _is_folder(e))

    def has(self, name: str) -> bool:
        path = self.root / name
        return path.is_file() or (path.is_symlink() and not path.exists())

    def files(self, folder: str = "") -> list[str]:
        """All files. Raises DataError if a folder cannot be listed."""
        start = self.root / folder
        if not start.is_dir():
            return []
        prefix = f"{folder}/" if folder else ""
        return sorted(_walk(start, prefix, (os.path.realpath(start),)))


@dataclass(frozen=True)
class ListedTree:
    """Files in a list of names, such as those of a repository on the Hub."""

    names: Sequence[str]

    def folders(self) -> list[str]:
        return sorted({name.split("/")[0] for name in self.names if "/" in name})

    def has(self, name: str) -> bool:
        return name in self.names

    def files(self, folder: str = "") -> list[str]:
        prefix = f"{folder}/" if folder else ""
        below = (name for name in self.names if name.startswith(prefix))
        return sorted(n for n in below if not any(map(_skipped, n[len(prefix) :].split("/")[:-1])))


def _walk(folder: Path, prefix: str, inside: tuple[str, ...]) -> Iterator[str]:
    """All files below `folder`; `inside` has the real paths of its ancestors and itself."""
    for entry in _entries(folder):
        if not _is_folder(entry):
            if _is_file(entry):
                yield prefix + entry.name
        elif not _skipped(entry.name):
            real = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
            if real not in inside:
                yield from _walk(Path(entry.path), f"{prefix}{entry.name}/", (*inside, real))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        raise DataError(f"{folder} cannot be listed: {error.strerror}") from error


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a file: devices, pipes and sockets are not, broken links are."""
    try:
        return entry.is_file() or (entry.is_symlink() and not Path(entry.path).exists())
    except OSError:
        return True


def _skipped(folder: str) -> bool:
    return folder.startswith((".", "__"))
