"""Files that tell when they are no longer what was written.

A folder keeps a table of its files: size, time of change and SHA-256. A file whose size and time
are those of the table counts as unchanged when somebody only looks whether it is there; before it
is used, it is hashed, once per process unless its size or time changes. A small JSON file carries a
seal instead: the digest of its own text, in its first line.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmark.errors import DataError

Stamp = dict[str, Any]
"""What is known of a file: `bytes`, `modified_ns` and `sha256`."""

GONE = "is gone"
CHANGED = "has other bytes than were written"

LISTING = ".files.json"
"""The stamps of a folder that has no record to hold them."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_SEALED = re.compile(r'\{"seal": "([0-9a-f]{64})",?')

_hashed: dict[str, tuple[int, int, str]] = {}
"""Size, time of change and digest of the files that this process has hashed."""


class Damaged(DataError):
    """A folder of ours whose `file` is not what was written; `what` names what the folder is."""

    def __init__(self, folder: Path, file: str, reason: str, what: str = "stage") -> None:
        super().__init__(folder, file, reason, what)
        self.folder = folder
        self.file = file
        self.reason = reason
        self.what = what

    @property
    def line(self) -> str:
        """What is wrong, without what to do about it."""
        return f"{self.what} {self.folder.name} is damaged: {self.file} {self.reason}"

    def __str__(self) -> str:
        return f"{self.line} ({self.folder}).\nRun the suite again: it makes damaged files again."


def stamp(path: Path) -> Stamp:
    """The stamp of a file as it is now."""
    stat = path.stat()
    return {"bytes": stat.st_size, "modified_ns": stat.st_mtime_ns, "sha256": _digest(path)}


def stamps(folder: Path) -> dict[str, Stamp]:
    """The stamps of all files below a folder, by their path in it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): stamp(path) for path in files}


def fault(path: Path | str, known: Mapping[str, Any], used: bool) -> str | None:
    """What is wrong with a file that had the stamp `known`, None where nothing is.

    With `used` its content must have been hashed by this process; otherwise its size and time of
    change are enough. Raises PermissionError.
    """
    path = str(path)
    try:
        stat = os.stat(path)  # noqa: PTH116 (tens of thousands: a Path takes longer than the look)
        if stat.st_size != known["bytes"]:
            return f"has {stat.st_size} bytes, not {known['bytes']}"
        if not used and stat.st_mtime_ns == known["modified_ns"]:
            return None
        now = (stat.st_size, stat.st_mtime_ns, known["sha256"])
        if _hashed.get(path) == now:
            return None
        if _digest(Path(path)) != known["sha256"]:
            return CHANGED
    except (FileNotFoundError, NotADirectoryError):
        return GONE
    except PermissionError:
        raise
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    _hashed[path] = now
    return None


def first_fault(
    folder: Path | str, known: Mapping[str, Stamp], used: bool, names: Iterable[str] = ()
) -> tuple[str, str] | None:
    """The first file of a table, or of `names` alone, that is not as it was, and why."""
    chosen = known.keys() & set(names) if names else known
    for name in chosen:
        if reason := fault(f"{folder}/{name}", known[name], used):
            return name, reason
    return None


def list_files(folder: Path) -> None:
    """Leave the stamps of a finished folder in it, without times, for `verify_listed`."""
    files = stamps(folder)
    for known in files.values():
        del known["modified_ns"]
    (folder / LISTING).write_text(sealed(files), encoding="utf-8")


def verify_listed(folder: Path, what: str) -> None:
    """Raise Damaged where a folder is there whose files are not those that were listed."""
    try:
        wrong = first_fault(folder, unsealed((folder / LISTING).read_text(encoding="utf-8")), True)
    except (FileNotFoundError, NotADirectoryError):
        wrong = (LISTING, GONE) if folder.exists() else None
    except ValueError:
        wrong = LISTING, CHANGED
    if wrong:
        raise Damaged(folder, *wrong, what)


def sealed(value: Mapping[str, Any]) -> str:
    """A JSON object as text that `unsealed` reads back."""
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)
    if not text.isascii() and _SURROGATE.search(text):
        # The names of files that are not UTF-8 hold what UTF-8 cannot.
        text = json.dumps(value, indent=1, allow_nan=False)
    text = text[1:]
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f'{{"seal": "{digest}"{"," if value else ""}{text}'


def is_sealed(text: str) -> bool:
    """Whether a text was sealed; those of earlier versions were not."""
    return bool(_SEALED.match(text))


def unsealed(text: str) -> dict[str, Any]:
    """The JSON object of a text, sealed or not. Raises ValueError where it is none, or changed."""
    if found := _SEALED.match(text):
        rest = text[found.end() :]
        if hashlib.sha256(rest.encode()).hexdigest() != found[1]:
            raise ValueError(CHANGED)
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("is no JSON object")
    if not found and "seal" in value:
        raise ValueError(CHANGED)
    value.pop("seal", None)
    return value


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
