"""The error handler of last resort: every command ends with a message and an exit code.

Errors that a user can fix are reported; for internal errors the traceback is stored in a file.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import benchmark
from benchmark.cache import cache_folder
from benchmark.errors import Exit, UserError
from benchmark.system.denials import Place, denial, is_disk_full, is_wrong_path
from benchmark.system.signals import interrupted, interruptible
from benchmark.system.streams import close_quietly, make_safe, one_line, refusal, say, shortened


def guarded(command: Callable[[], int], debug: bool = False, places: Sequence[Place] = ()) -> int:
    """The exit code of `command`. Errors become a message; with `debug` after a traceback.

    `places` determine what to set if the machine refuses something, see `denial`. The SystemExit of
    argparse passes through.
    """
    make_safe()
    with interruptible(), _watched_threads():
        try:
            code = command()
            # If the reader has exited (`| head`), there is nobody to report to.
            if (refused := refusal()) and not isinstance(refused, BrokenPipeError):
                return _refused(refused)
        except BaseException as error:
            return _answer(error, debug, places)
        finally:
            close_quietly()
    return code


def _answer(error: BaseException, debug: bool, places: Sequence[Place]) -> int:
    refused = refusal(error)
    if isinstance(error, SystemExit) and error.code in (0, int(Exit.USAGE)) and not refused:
        raise error
    if debug and not isinstance(error, SystemExit):
        with suppress(OSError, ValueError):
            traceback.print_exception(error)
    if isinstance(error, KeyboardInterrupt) or interrupted():
        say("interrupted; finished work is kept, run the same command to continue")
        return Exit.INTERRUPTED
    if refused:
        return Exit.OK if isinstance(error, BrokenPipeError) else _refused(refused)
    if isinstance(error, UserError):
        say(f"error: {shortened(str(error))}")
        return error.exit_code
    if isinstance(error, MemoryError):
        say("error: memory ran out; finished work is kept")
        return Exit.INCOMPLETE
    line = None
    with suppress(OSError):
        line = denial(error, places)
    if line:
        say(f"error: {shortened(line)}" + "; finished work is kept" * is_disk_full(error))
        return Exit.USAGE if is_wrong_path(error) else Exit.INCOMPLETE
    say(f"error: {record_fault(error)}")
    return Exit.FAULT


def _refused(error: OSError) -> int:
    say(f"error: standard output cannot be written ({error.strerror})")
    return Exit.INCOMPLETE


def record_fault(error: BaseException) -> str:
    """Store the traceback of an internal error in a file; returns the message with its path."""
    text = (
        f"speech-adaptation-benchmark {benchmark.__version__}, Python {platform.python_version()},"
        f" {platform.platform()}\ncommand: {sys.argv!r}\n\n"
        + "".join(traceback.format_exception(error))
    )
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    what = one_line(f"{type(error).__name__}: {error}")[:200]
    for folder in _fault_folders():
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / name
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
            return f"internal error ({what}); please report it with {path}"
    return f"internal error ({what}); please report it, --debug shows where"


def _fault_folders() -> Iterator[Path]:
    with suppress(UserError):
        yield cache_folder() / "faults"
    with suppress(OSError):
        yield Path(tempfile.gettempdir())


@contextmanager
def _watched_threads() -> Iterator[None]:
    """Within this context errors in threads are recorded as faults, without a traceback."""

    def answer(ended: threading.ExceptHookArgs) -> None:
        if ended.exc_value and not isinstance(ended.exc_value, SystemExit):
            say(f"error: {record_fault(ended.exc_value)}")

    previous, threading.excepthook = threading.excepthook, answer
    try:
        yield
    finally:
        threading.excepthook = previous
