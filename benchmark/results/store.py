"""Finished stages on disk: one folder each, put there by one atomic rename.

A folder that exists is finished; there is no status to go stale. What a killed run leaves behind is
a folder whose name begins with a dot, removed by the next run. No fsync: a power cut may cost the
last stages, a killed process never does.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Status = Literal["ok", "failed", "diverged", "oom", "timeout", "unsupported", "blocked"]
RECORD = "stage.json"


@dataclass(frozen=True)
class StageRecord:
    """What is known of a finished stage.

    `identity` is what its key hashes; `facts` is what it found out besides its files (gradients
    spent, scores, sizes); `content` is the digest of the weights it wrote, so that two runs of the
    same key can be compared. A stage that could not finish has another status and an `error`.
    """

    kind: str
    key: str
    identity: dict[str, Any]
    status: Status = "ok"
    error: str | None = None
    seconds: float = 0.0
    device: str = "cpu"
    created: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    content: str | None = None


class StageStore:
    """The finished stages below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, key: str) -> Path:
        return self.folder / key

    def get(self, key: str) -> StageRecord | None:
        """The record of a finished (or failed) stage, None when it is not there."""
        try:
            text = (self.path(key) / RECORD).read_text(encoding="utf-8")
        except (OSError, UnicodeError):
            return None
        try:
            return StageRecord(**json.loads(text))
        except (ValueError, TypeError, RecursionError):
            return None

    def records(self) -> Iterator[StageRecord]:
        """All finished stages, in the order of their keys."""
        if self.folder.is_dir():
            for path in sorted(self.folder.iterdir()):
                if not path.name.startswith(".") and (record := self.get(path.name)):
                    yield record

    @contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        """A fresh folder to write a stage into; it is gone afterwards unless it was `put`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        folder = self.folder / f".{key}-{os.getpid()}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def put(self, folder: Path, record: StageRecord) -> None:
        """Make what was written into `folder` the finished stage `record.key`."""
        text = json.dumps(asdict(record), indent=1, ensure_ascii=False)
        (folder / RECORD).write_text(text, encoding="utf-8")
        target = self.path(record.key)
        try:
            folder.rename(target)
        except OSError:
            if not target.exists():
                raise
            # Another run finished the same stage first; keys are content, so both are the same.
            shutil.rmtree(folder)

    def remove(self, key: str) -> None:
        """Forget a stage."""
        trash = self.folder / f".removed-{key}-{os.getpid()}"
        if self.path(key).exists():
            self.path(key).rename(trash)
            shutil.rmtree(trash)

    def sweep(self) -> None:
        """Remove what killed processes left behind."""
        if not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            if path.name.startswith(".") and not _alive(path.name.rpartition("-")[2]):
                shutil.rmtree(path, ignore_errors=True)


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
