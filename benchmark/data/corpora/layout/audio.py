"""Audio files that rows name, and those that no row names."""

from __future__ import annotations

import os
import posixpath
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from benchmark.data.corpora.layout.kinds import UNREAD, extension, is_audio, is_hidden
from benchmark.errors import DataError

DRIVE = re.compile(r"[A-Za-z]:[\\/]")


class NoAudio(Exception):
    """Why the audio of a row cannot be read."""


@dataclass
class AudioFiles:
    """The files below `root` that rows may name, and those that were used."""

    root: Path
    names: tuple[str, ...]
    used: dict[str, str] = field(default_factory=dict)
    """Used files, with the split that used them last."""

    def find(self, name: str, folder: str, split: str) -> str:
        """The file that a table in `folder` names: relative to that folder, or to the folder of the
        split beside it, or the only file of that name further below.

        Raises NoAudio.
        """
        if "\\" in name and posixpath.join(folder, name) not in self._alike:
            name = name.replace("\\", "/") if not DRIVE.match(name) else name
        if name.startswith("/"):
            top = f"{self.root}/"
            if not name.startswith(top):
                raise NoAudio("its file is outside of the corpus")
            name, folder = name.removeprefix(top), ""
        joined = posixpath.normpath(posixpath.join(folder, name))
        if joined.split("/")[0] == ".." or DRIVE.match(name):
            raise NoAudio("its file is outside of the corpus")
        for candidate in (joined, posixpath.normpath(posixpath.join(folder, split, name))):
            if file_name := self._alike.get(_composed(candidate)):
                return file_name
        ends = f"/{_composed(posixpath.normpath(name))}"
        below = [f for f in self._by_last[ends.rpartition("/")[2]] if _composed(f).endswith(ends)]
        below = [f for f in below if not folder or f.startswith(f"{folder}/")]
        if len(below) > 1:
            raise NoAudio("several files have its name")
        if not below:
            raise NoAudio("no file of its name")
        return below[0]

    def use(self, file: str, split: str) -> bytes:
        """The content of a file. Raises NoAudio, and DataError for a file that may not be read.

        A file can be used once in a split. It can be used in two splits, so that the leak between
        them is reported.
        """
        if self.used.get(file) == split:
            raise NoAudio("the file of an earlier row")
        self.used[file] = split
        if extension(file) in UNREAD:
            raise NoAudio(f"{extension(file)} is a format that is not read")
        try:
            data = (self.root / file).read_bytes()
        except FileNotFoundError:
            raise NoAudio("its file is a link that leads nowhere") from None
        except OSError as error:
            raise DataError(f"{self.root / file} cannot be read: {error.strerror}") from error
        if not data:
            raise NoAudio("its file is empty")
        return data

    def unused(self, apart: Iterable[str]) -> list[str]:
        """The audio files that no row has used, except those in `apart`."""
        used = self.used.keys() | set(apart)
        return [f for f in self.names if is_audio(f) and not is_hidden(f) and f not in used]

    @cached_property
    def _alike(self) -> dict[str, str]:
        """Files by composed name; a file system may decompose accents."""
        exact = {name: name for name in self.names}
        return {_composed(name): name for name in reversed(self.names)} | exact

    @cached_property
    def _by_last(self) -> dict[str, list[str]]:
        files: dict[str, list[str]] = defaultdict(list)
        for name in self.names:
            files[_composed(posixpath.basename(name))].append(name)
        return files


def printable(name: str) -> str:
    """The name of a file as text, also if it is not UTF-8."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)
