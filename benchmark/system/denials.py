"""What a machine forbids, in a line: which path, why, and what to set."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

REASONS = {
    errno.EACCES: "permission denied",
    errno.EPERM: "the system does not permit that",
    errno.EROFS: "the file system is read-only",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file system takes no file of that size",
    errno.ENOTDIR: "a file is where a folder is needed",
    errno.EISDIR: "a folder is where a file is needed",
    errno.EEXIST: "something that is no folder is there already",
    errno.ENOTEMPTY: "the folder there is not empty",
    errno.ELOOP: "its links lead in a circle",
    errno.ENAMETOOLONG: "the name is too long for the file system",
    errno.ENOENT: "no such file or folder",
    errno.EIO: "the disk failed to read or write",
    errno.EMFILE: "too many files are open (`ulimit -n` raises the limit)",
    errno.ESTALE: "the network file system lost the file",
}
"""What a user can do something about, by the number of the system's error."""

FULL = (errno.ENOSPC, errno.EDQUOT)

NAMES = (errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ELOOP, errno.ENAMETOOLONG)
"""What is wrong with a path itself, whatever a user may do there."""

_OF_FOLDERS = (errno.EACCES, errno.EPERM, errno.EROFS, *FULL)

_NUMBER = re.compile(r"(?:errno|os error) (\d+)", re.IGNORECASE)
_QUOTED = re.compile(r"'([^']+)'")
_LOOP = "Symlink loop from "
"""How `Path.resolve` begins its RuntimeError."""


class Place(NamedTuple):
    """A folder or file that the user chose, and how to choose another."""

    path: Path
    remedy: str


def denial(error: BaseException, places: Sequence[Place] = ()) -> str | None:
    """The line for an error that came from the machine, None for any other.

    `places` tell what to set instead; what lies in none of them is named alone.
    """
    for cause in _causes(error):
        number = _number(cause)
        if number not in REASONS:
            continue
        if "No usable temporary directory" in str(cause):
            return f"no folder for temporary files can be written; {TEMPORARY}"
        if not (path := _path(cause)):
            return REASONS[number] if number in FULL else None
        # A draft is named by nobody; what is denied is the folder that it was to be made in.
        if path.name.startswith((".", "tmp")) and number in _OF_FOLDERS:
            path = path.parent
        remedy = _remedy(path, places)
        return f"{path}: {REASONS[number]}" + (f"; {remedy}" if remedy else "")
    return None


def is_wrong_path(error: BaseException) -> bool:
    """Whether a path was refused that nobody can use as it was meant."""
    return any(_number(cause) in NAMES for cause in _causes(error))


def is_disk_full(error: BaseException) -> bool:
    """Whether a write failed for want of space; libraries wrap the system's error in their own."""
    full = {os.strerror(number) for number in FULL}
    return any(_number(c) in FULL or any(t in str(c) for t in full) for c in _causes(error))


TEMPORARY = "set TMPDIR to a folder that you can write"


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _number(error: BaseException) -> int | None:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    if isinstance(error, RuntimeError) and str(error).startswith(_LOOP):
        return errno.ELOOP
    # Arrow and safetensors, which is written in Rust, raise errors of their own.
    named = type(error).__module__.startswith(("pyarrow", "safetensors")) or isinstance(
        error, OSError
    )
    found = _NUMBER.search(str(error)) if named else None
    return int(found[1]) if found else None


def _path(error: BaseException) -> Path | None:
    """What an error is about; of a rename, the new name."""
    for name in ("filename2", "filename"):
        filename = getattr(error, name, None)
        if isinstance(filename, str | bytes | os.PathLike):
            return Path(os.fsdecode(filename))
    found = _QUOTED.search(str(error))
    return Path(found[1]) if found else None


def _remedy(path: Path, places: Sequence[Place]) -> str | None:
    """That of the innermost place which holds `path`, is to be made below it, or beside it."""
    wanted = _absolute(path)
    holding = []
    for place in places:
        chosen = _absolute(place.path)
        if wanted == chosen.parent or wanted.is_relative_to(chosen):
            holding.append((len(chosen.parts), place.remedy))
        elif chosen.is_relative_to(wanted):
            holding.append((0, place.remedy))
    if holding:
        return max(holding)[1]
    with suppress(OSError):
        if wanted == _absolute(Path(tempfile.gettempdir())):
            return TEMPORARY
    return None


def _absolute(path: Path) -> Path:
    """Without following links, which may lead in a circle."""
    return Path(os.path.normpath(path.absolute()))
