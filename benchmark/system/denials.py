"""Errors of the machine in one line: the path, the reason, and what to set."""

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
"""Errors that a user can fix, by the error number of the system."""

FULL = (errno.ENOSPC, errno.EDQUOT)

NAMES = (errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ELOOP, errno.ENAMETOOLONG)
"""Errors of the path itself."""

_OF_FOLDERS = (errno.EACCES, errno.EPERM, errno.EROFS, *FULL)

_NUMBER = re.compile(r"(?:errno|os error) (\d+)", re.IGNORECASE)
_QUOTED = re.compile(r"'([^']+)'")
_LOOP = "Symlink loop from "
"""The beginning of the RuntimeError of `Path.resolve`."""


class Place(NamedTuple):
    """A folder or file chosen by the user, and how to choose another."""

    path: Path
    remedy: str


def denial(error: BaseException, places: Sequence[Place] = ()) -> str | None:
    """The message for an error of the machine; None for any other error.

    `places` determine what to set instead; a path outside of them is only named.
    """
    for cause in _causes(error):
        number = _number(cause)
        if number not in REASONS:
            continue
        if "No usable temporary directory" in str(cause):
            return f"no folder for temporary files can be written; {TEMPORARY}"
        if not (path := _path(cause)):
            return REASONS[number] if number in FULL else None
        # Users do not name drafts, so the message names the folder of the draft.
        if path.name.startswith((".", "tmp")) and number in _OF_FOLDERS:
            path = path.parent
        remedy = _remedy(path, places)
        return f"{path}: {REASONS[number]}" + (f"; {remedy}" if remedy else "")
    return None


def is_wrong_path(error: BaseException) -> bool:
    """Whether the error is one of the path itself."""
    return any(_number(cause) in NAMES for cause in _causes(error))


def is_disk_full(error: BaseException) -> bool:
    """Whether a write failed for lack of space; libraries may wrap the system's error."""
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
    # Arrow and safetensors, which is written in Rust, raise their own errors.
    named = type(error).__module__.startswith(("pyarrow", "safetensors")) or isinstance(
        error, OSError
    )
    match = _NUMBER.search(str(error)) if named else None
    return int(match[1]) if match else None


def _path(error: BaseException) -> Path | None:
    """The path of an error; for a rename the new name."""
    for name in ("filename2", "filename"):
        filename = getattr(error, name, None)
        if isinstance(filename, str | bytes | os.PathLike):
            return Path(os.fsdecode(filename))
    match = _QUOTED.search(str(error))
    return Path(match[1]) if match else None


def _remedy(path: Path, places: Sequence[Place]) -> str | None:
    """The remedy of the innermost place that contains `path`, or is below or beside it."""
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
    """The absolute path without following links, which may form a cycle."""
    return Path(os.path.normpath(path.absolute()))
