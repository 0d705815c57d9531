"""Whatever happens, a command ends with a line and an exit code that means what it says."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from benchmark import cli
from benchmark.commands import describe
from benchmark.errors import DataError, UserError


def ending(monkeypatch: pytest.MonkeyPatch, error: BaseException, *options: str) -> int:
    """The exit code of a command that raises `error`."""

    def main(*_: object) -> int:
        raise error

    monkeypatch.setattr(describe, "main", main)
    return cli.main(["describe", "maml", *options])


@pytest.mark.parametrize(
    "error",
    [
        ValueError("day is out of range for month"),
        RecursionError("maximum recursion depth exceeded"),
        KeyError("wer"),
        AssertionError(),
        SystemExit(1),
        SystemExit("a plug-in leaves"),
        OSError(errno.EBADF, "Bad file descriptor"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    ],
    ids=repr,
)
def test_a_fault_of_ours_is_one_line_and_a_traceback_in_a_file(
    error: BaseException,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path))
    assert ending(monkeypatch, error) == 70
    (line,) = capsys.readouterr().err.splitlines()
    (kept,) = (tmp_path / "faults").iterdir()
    assert str(kept) in line
    assert type(error).__name__ in line
    assert "Traceback (most recent call last)" in kept.read_text(encoding="utf-8")


def test_a_fault_is_told_where_no_file_can_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BENCHMARK_CACHE", "/dev/null/nowhere")
    monkeypatch.setattr("tempfile.tempdir", "/dev/null/nowhere")
    assert ending(monkeypatch, ValueError("odd")) == 70
    assert "ValueError: odd" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UserError("no such thing"), 2),
        (DataError("no such speech"), 3),
        (MemoryError(), 3),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), 3),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError("division by zero"), 70),
    ],
    ids=repr,
)
def test_debug_adds_the_traceback_and_changes_no_exit_code(
    error: BaseException,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ending(monkeypatch, error) == code
    assert "Traceback" not in capsys.readouterr().err
    assert ending(monkeypatch, error, "--debug") == code
    assert "Traceback" in capsys.readouterr().err


def test_a_fault_in_a_thread_is_a_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def main(*_: object) -> int:
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        return 0

    monkeypatch.setattr(describe, "main", main)
    assert cli.main(["describe", "maml"]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert "ZeroDivisionError" in line


@pytest.mark.parametrize("broken", ["pandas", "pydantic", "benchmark.registry"])
def test_an_installation_that_cannot_be_imported_is_no_regression(
    broken: str, tmp_path: Path
) -> None:
    script = (
        f"import sys; sys.modules[{broken!r}] = None; sys.argv[1:] = "
        "['check', '--baseline', 'a', '--candidate', 'b']; "
        "from benchmark.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=os.environ | {"BENCHMARK_CACHE": str(tmp_path)},
    )
    assert done.returncode == 70
    assert "Traceback" not in done.stderr
