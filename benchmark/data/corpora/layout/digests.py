"""Digests of file contents, cached by path, size and modification time."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmark.cache import cache_folder
from benchmark.data.corpora.layout.memory import recall, remember
from benchmark.errors import DataError


def content_digest(files: Mapping[str, Sequence[Path]], root: Path) -> str:
    """SHA-256 over the content, the split and the path below `root` of every file.

    A file with unchanged size and modification time (ns) is not read again, so a file rewritten
    within one clock tick with the same size would be missed. A broken link counts as such. Raises
    DataError for a file that cannot be read.
    """
    memory = cache_folder() / "digests" / f"{_sha256(os.fsencode(root))[:32]}.json"
    cached = recall(memory)
    fresh: dict[str, str] = {}
    total = hashlib.sha256()
    for split in sorted(files):
        for path in sorted(files[split]):
            name = path.relative_to(root).as_posix()
            try:
                stat = path.stat()
                stamp = f"{path}:{stat.st_size}:{stat.st_mtime_ns}"
                fresh[stamp] = cached.get(stamp) or _file_digest(path)
                digest: str | None = fresh[stamp]
            except FileNotFoundError:
                digest = None
            except OSError as error:
                raise DataError(f"{path} cannot be read: {error.strerror}") from error
            total.update(json.dumps([split, name, digest]).encode())
    if not fresh.keys() <= cached.keys():
        remember(memory, {**cached, **fresh})
    return total.hexdigest()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
