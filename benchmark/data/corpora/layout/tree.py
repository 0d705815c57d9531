"""The files of a dataset by their names below its root, whether on this disk or on the Hub.

A name is only ever compared: nothing in it is a pattern, a scheme or an option. Links on this disk
are read as what they lead to, wherever that is; a folder is never entered from inside itself.
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
        """All files below a folder, sorted; those of hidden folders and of `__...` are not."""


@dataclass(frozen=True)
class LocalTree:
    """The files below a folder on this disk: regular ones, and links that lead nowhere."""

    root: Path

    def folders(self) -> list[str]:
        """Raises DataError when the folder cannot be listed."""
        return sorted(e.name for e in _entries(self.root) if _is_folder(e))

    def has(self, name: str) -> bool:
        path = self.root / name
        return path.is_file() or (path.is_symlink() and not path.exists())

    def files(self, folder: str = "") -> list[str]:
        """Raises DataError when a folder cannot be listed."""
        start = self.root / folder
        if not start.is_dir():
            return []
        prefix = f"{folder}/" if folder else ""
        return sorted(_walk(start, prefix, (os.path.realpath(start),)))


@dataclass(frozen=True)
class ListedTree:
    """Files whose names are known, as those of a repository on the Hub."""

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
    """`inside` are the real paths of the folders that this one lies in, itself the last."""
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
    """Devices, pipes and sockets are no files; a link that leads nowhere is to be told of."""
    try:
        return entry.is_file() or (entry.is_symlink() and not Path(entry.path).exists())
    except OSError:
        return True


def _skipped(folder: str) -> bool:
    return folder.startswith((".", "__"))
