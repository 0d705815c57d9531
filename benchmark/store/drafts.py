"""What is being written, beside its place and under the name of its writer.

A file or folder appears by one rename. Until then its name begins with a dot and tells who writes
it: host, boot and PID namespace (hashed together), PID and start time of the process. A process id
means something only in its own namespace, so that a cache or a results folder can be shared by
machines and containers: what a process of this place left behind is removed as soon as it is dead,
what comes from elsewhere when nothing in it has changed for a week.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

ABANDONED_DAYS = 7
"""A draft of an unknown writer is removed when it has not changed for so long; so is what was set
aside."""

_DRAFT = re.compile(r"\..+-([0-9a-f]{12})-(\d+)-(\d+)")
_OTHERS = re.compile(r"\.damaged-.+|\..+-\d+")
"""What was set aside, and drafts of versions that named nothing but the process id."""


def draft(path: Path, prefix: str = "") -> Path:
    """Where this process writes what is to become `path`."""
    name = f".{prefix}{path.name}-{_place()}-{os.getpid()}-{_started(os.getpid())}"
    return path.with_name(name)


@contextmanager
def draft_folder(path: Path) -> Iterator[Path]:
    """An empty folder beside `path`; it is gone afterwards unless it was renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = draft(path)
    discard(folder)
    folder.mkdir()
    try:
        yield folder
    finally:
        discard(folder)


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and rename it there, so that no reader sees half of it."""
    unfinished = draft(path)
    try:
        write(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def set_aside(path: Path) -> bool:
    """Rename `path` to `.damaged-NAME`, where it stays for a while; whether it was there."""
    if not os.path.lexists(path):
        return False
    aside = path.with_name(f".damaged-{path.name}")
    discard(aside)
    try:
        path.rename(aside)
    except FileNotFoundError:
        return False
    os.utime(aside, follow_symlinks=False)
    return True


def sweep(folder: Path) -> None:
    """Remove what was abandoned in a folder."""
    with suppress(OSError):
        for path in folder.iterdir():
            if path.name.startswith(".") and _abandoned(path):
                discard(path)


def discard(path: Path) -> None:
    """Remove a file or a folder, as far as it is there and may be removed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def being_written(folder: Path) -> set[str]:
    """The names of what living processes of this place write in a folder."""
    end = re.compile(rf"\.(.+)-{_place()}-(\d+)-(\d+)")
    # A run asks before each stage, and most of what lies here is finished.
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        named = [end.fullmatch(entry.name) for entry in entries if entry.name.startswith(".")]
        return {name[1] for name in named if name and _alive(int(name[2]), name[3])}
    return set()


def _abandoned(path: Path) -> bool:
    if (named := _DRAFT.fullmatch(path.name)) and named[1] == _place():
        return not _alive(int(named[2]), named[3])
    if not named and not _OTHERS.fullmatch(path.name):
        return False
    return time.time() - _changed(path) > ABANDONED_DAYS * 86400


def _changed(path: Path) -> float:
    """When anything in a file or folder changed last (seconds of the epoch); now if it is gone."""
    try:
        return max(found.lstat().st_mtime for found in (path, *path.rglob("*")))
    except OSError:
        return time.time()


@cache
def _place() -> str:
    """Host, boot and PID namespace: within it a process id names one process."""
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
    with suppress(OSError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _alive(pid: int, started: str) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    now = _started(pid)
    return now == started or "0" in (now, started)


def _started(pid: int) -> str:
    """When a process began, in ticks since boot: tells it from another that had its id before.

    "0" where that cannot be known, as under a /proc of another PID namespace.
    """
    try:
        if str(Path("/proc/self").readlink()) != str(os.getpid()):
            return "0"
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "0"
    return text.rpartition(")")[2].split()[19]
