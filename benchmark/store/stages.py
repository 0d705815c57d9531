"""Finished stages on disk: one folder each, put there by one atomic rename.

A folder that exists is finished; there is no status to go stale. What a killed run leaves behind is
a folder whose name begins with a dot, removed by a later run (`benchmark.store.drafts`). No fsync:
a power cut may cost the last stages, a killed process never does.

The record of a stage holds a stamp of each of its files and is itself sealed, so that a stage which
is no longer what was written counts as one that is not there (`benchmark.store.integrity`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol, TypedDict, Unpack, get_args

from benchmark.finite import finite
from benchmark.store.drafts import discard, draft, draft_folder, set_aside, sweep
from benchmark.store.integrity import (
    CHANGED,
    GONE,
    Damaged,
    Stamp,
    first_fault,
    is_sealed,
    sealed,
    stamps,
    unsealed,
)

Status = Literal["ok", "failed", "diverged", "oom", "timeout", "unsupported", "blocked"]
RECORD = "stage.json"

_STATUSES = get_args(Status)


@dataclass(frozen=True)
class StageRecord:
    """What is known of a finished stage.

    `identity` is what its key hashes; `facts` is what it found out besides its files (gradients
    spent, scores, sizes); `content` is the digest of the weights it wrote, so that two runs of the
    same key can be compared; `files` holds the stamp of every file, None where an earlier version
    wrote the stage: then they are taken as they are. A stage that could not finish has another
    status and an `error`.
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
    files: dict[str, Stamp] | None = None


class Identified(Protocol):
    """A stage as far as a record needs it."""

    @property
    def kind(self) -> str: ...

    @property
    def key(self) -> str: ...

    @property
    def identity(self) -> dict[str, Any]: ...


class Outcome(TypedDict, total=False):
    """How a stage ended; see `StageRecord`."""

    status: Status
    error: str | None
    seconds: float
    facts: dict[str, Any]
    content: str | None


def ended(stage: Identified, device: str, **outcome: Unpack[Outcome]) -> StageRecord:
    """The record of a stage that ended just now."""
    return StageRecord(
        kind=stage.kind,
        key=stage.key,
        identity=stage.identity,
        device=device,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        **outcome,
    )


class StageStore:
    """The finished stages below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, key: str) -> Path:
        return self.folder / key

    def get(self, key: str) -> StageRecord | None:
        """The record of a finished (or failed) stage, None when it is not there or is damaged.

        Its files are looked at by size and time; `open` reads them.
        """
        look = self.look(key)
        return look if isinstance(look, StageRecord) else None

    def damage(self, key: str) -> Damaged | None:
        """What is wrong with a stage that is there, as far as `get` looks."""
        look = self.look(key)
        return look if isinstance(look, Damaged) else None

    def look(self, key: str) -> StageRecord | Damaged | None:
        """What `get` and `damage` tell of a stage, looked up once."""
        try:
            return self._intact(key)
        except Damaged as damage:
            return damage

    def keys(self) -> set[str]:
        """The keys of the stages that are there, damaged ones included."""
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(self.folder) as entries:
            return {entry.name for entry in entries if not entry.name.startswith(".")}
        return set()

    def open(self, key: str, *names: str) -> Path:
        """The folder of a stage whose files are about to be used: all of them, or those named.

        Raises Damaged where one of them is not what was written, or the stage is gone.
        """
        record = self._intact(key)
        if record is None:
            raise Damaged(self.path(key), RECORD, GONE)
        if wrong := first_fault(self.path(key), self._kept(record), True, names):
            raise Damaged(self.path(key), *wrong, record.kind)
        return self.path(key)

    def records(self, known: Mapping[str, StageRecord] | None = None) -> Iterator[StageRecord]:
        """The records of all finished stages that can be read, in the order of their keys.

        Those in `known`, by key, are not read again.
        """
        known = known or {}
        for key in sorted(self.keys()):
            with suppress(Damaged):
                if record := known.get(key) or self._record(key):
                    yield record

    @contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        """A fresh folder to write a stage into; it is gone afterwards unless it was `put`.

        Raises Damaged where somebody deletes the folder meanwhile.
        """
        with draft_folder(self.path(key)) as folder:
            try:
                yield folder
            except OSError:
                if folder.is_dir():
                    raise
                reason = "was deleted while it was being written"
                raise Damaged(self.path(key), folder.name, reason) from None

    def save(
        self, stage: Identified, device: str, folder: Path | None = None, **outcome: Unpack[Outcome]
    ) -> StageRecord:
        """Store how a stage ended just now, with what was written into `folder` if anything was."""
        record = ended(stage, device, **outcome)
        if folder is None:
            with self.writing(stage.key) as empty:
                self.put(empty, record)
        else:
            self.put(folder, record)
        return record

    def put(self, folder: Path, record: StageRecord) -> None:
        """Make what was written into `folder` the finished stage `record.key`."""
        record = replace(record, files=stamps(folder))
        (folder / RECORD).write_bytes(sealed(finite(asdict(record))).encode())
        if self.damage(record.key):
            set_aside(self.path(record.key))
        try:
            folder.rename(self.path(record.key))
        except OSError:
            # Another run finished the same stage first; keys are content, so both are the same.
            if not self.path(record.key).exists():
                raise

    def remove(self, key: str) -> None:
        """Forget a stage."""
        trash = draft(self.path(key), "removed-")
        with suppress(FileNotFoundError):
            self.path(key).rename(trash)
        discard(trash)

    def sweep(self) -> None:
        """Remove what killed processes left behind."""
        sweep(self.folder)

    def _intact(self, key: str) -> StageRecord | None:
        """The record of a stage whose files look as they were written. Raises Damaged."""
        record = self._record(key)
        if record and (wrong := first_fault(f"{self.folder}/{key}", self._kept(record), False)):
            raise Damaged(self.path(key), *wrong, record.kind)
        return record

    def _kept(self, record: StageRecord) -> dict[str, Stamp]:
        """The files that a stage must have: those in inner folders are there for one later stage,
        which may have deleted them."""
        return {
            name: known
            for name, known in (record.files or {}).items()
            if "/" not in name or (self.path(record.key) / name).exists()
        }

    def _record(self, key: str) -> StageRecord | None:
        """The record of a stage, None where there is no such folder. Raises Damaged."""
        try:
            # Tens of thousands: a Path and a buffer take longer than the file.
            with open(f"{self.folder}/{key}/{RECORD}", "rb", buffering=0) as file:  # noqa: PTH123
                text = file.readall().decode()
            record = StageRecord(**unsealed(text))
        except (FileNotFoundError, NotADirectoryError):
            folder = self.path(key)
            if folder.exists() or folder.is_symlink():
                raise Damaged(folder, RECORD, GONE) from None
            return None
        except PermissionError:
            raise
        except json.JSONDecodeError:
            raise Damaged(self.path(key), RECORD, "is no JSON") from None
        except (OSError, ValueError, TypeError) as error:
            reason = CHANGED if isinstance(error, TypeError | UnicodeError) else str(error)
            raise Damaged(self.path(key), RECORD, reason) from None
        if not _is_record(record) or (record.files is not None and not is_sealed(text)):
            raise Damaged(self.path(key), RECORD, CHANGED)
        if record.key != key:
            raise Damaged(self.path(key), RECORD, f"is that of stage {record.key}")
        return record


def _is_record(record: StageRecord) -> bool:
    """Whether all fields have the types that they should."""
    return (
        isinstance(record.kind, str)
        and isinstance(record.key, str)
        and isinstance(record.identity, dict)
        and record.status in _STATUSES
        and isinstance(record.error, str | None)
        and isinstance(record.seconds, int | float)
        and isinstance(record.device, str)
        and isinstance(record.created, str)
        and isinstance(record.facts, dict)
        and isinstance(record.content, str | None)
        and isinstance(record.files, dict | None)
    )
