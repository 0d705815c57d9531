"""Unfinished files name their writer; only what is surely abandoned is removed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmark.store import drafts
from benchmark.store.drafts import (
    being_written,
    draft,
    draft_folder,
    replace_file,
    set_aside,
    sweep,
)

PRINT_DRAFT = (
    "import sys, pathlib, benchmark.store.drafts as d; print(d.draft(pathlib.Path(sys.argv[1])))"
)


def unfinished(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / "audio.i16").write_bytes(b"speech")
    return path


def age(path: Path, days: float) -> None:
    then = time.time() - days * 86400
    for found in (path, *path.rglob("*")):
        os.utime(found, (then, then))


def elsewhere(path: Path, monkeypatch: pytest.MonkeyPatch, place: str = "0" * 12) -> Path:
    """A draft of `path` as a process on another machine names it."""
    with monkeypatch.context() as patch:
        patch.setattr(drafts, "_place", lambda: place)
        return draft(path)


def test_a_draft_of_a_living_process_is_kept(tmp_path: Path) -> None:
    ours = unfinished(draft(tmp_path / "key"))
    age(ours, 100)
    sweep(tmp_path)
    assert (ours / "audio.i16").exists()
    assert being_written(tmp_path) == {"key"}


def test_a_draft_of_a_dead_process_is_removed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PRINT_DRAFT, str(tmp_path / "key")]
    named = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    theirs = unfinished(Path(named))
    assert being_written(tmp_path) == set()
    sweep(tmp_path)
    assert not theirs.exists()


def test_a_process_id_that_another_process_has_now_is_a_dead_writer(tmp_path: Path) -> None:
    name, _, started = draft(tmp_path / "key").name.rpartition("-")
    theirs = unfinished(tmp_path / f"{name}-{int(started) + 1}")
    sweep(tmp_path)
    assert not theirs.exists()


@pytest.mark.parametrize("place", ["0" * 12, "f" * 12, "0123456789ab"])
def test_a_draft_from_another_machine_is_kept_for_a_week(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    theirs = unfinished(elsewhere(tmp_path / "key", monkeypatch, place))
    age(theirs, 6)
    sweep(tmp_path)
    assert theirs.exists()
    age(theirs, 8)
    (theirs / "audio.i16").write_bytes(b"more speech")
    sweep(tmp_path)
    assert theirs.exists(), "it was written a moment ago"
    age(theirs, 8)
    sweep(tmp_path)
    assert not theirs.exists()


@pytest.mark.parametrize("name", [".key-99999", ".removed-key-4", ".records.parquet-123"])
def test_a_draft_that_tells_a_process_id_alone_is_kept_for_a_week(
    tmp_path: Path, name: str
) -> None:
    theirs = unfinished(tmp_path / name)
    sweep(tmp_path)
    assert theirs.exists()
    age(theirs, 8)
    sweep(tmp_path)
    assert not theirs.exists()


@pytest.mark.parametrize("name", [".gitignore", ".git", ".cache-of-mine", "key", "key-12-34"])
def test_what_is_no_draft_is_never_removed(tmp_path: Path, name: str) -> None:
    other = unfinished(tmp_path / name)
    age(other, 1000)
    sweep(tmp_path)
    assert other.exists()


def test_another_pid_namespace_leaves_our_draft_alone(tmp_path: Path) -> None:
    command = ["unshare", "--pid", "--fork", "--mount-proc"]
    if not shutil.which("unshare") or subprocess.run([*command, "true"], check=False).returncode:
        pytest.skip("no PID namespaces here")
    ours = unfinished(draft(tmp_path / "key"))
    code = "import sys, pathlib, benchmark.store.drafts as d; d.sweep(pathlib.Path(sys.argv[1]))"
    subprocess.run([*command, sys.executable, "-c", code, str(tmp_path)], check=True)
    assert ours.exists()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "records.parquet"
    replace_file(path, lambda beside: beside.write_text("first"))

    def fail(beside: Path) -> None:
        beside.write_text("half")
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        replace_file(path, fail)
    assert [found.name for found in tmp_path.iterdir()] == ["records.parquet"]
    assert path.read_text() == "first"


def test_others_may_read_and_write_a_folder_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o002)
    try:
        with draft_folder(tmp_path / "key") as folder:
            assert folder.stat().st_mode & 0o777 == 0o775
    finally:
        os.umask(before)


def test_what_is_set_aside_stays_a_week_and_once_per_name(tmp_path: Path) -> None:
    for content in ("first", "second"):
        (tmp_path / "key").write_text(content)
        age(tmp_path / "key", 100)
        assert set_aside(tmp_path / "key")
    assert not set_aside(tmp_path / "key"), "it is gone already"
    sweep(tmp_path)
    assert (tmp_path / ".damaged-key").read_text() == "second"
    age(tmp_path / ".damaged-key", 8)
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []
