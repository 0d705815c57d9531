"""SIGTERM and SIGHUP interrupt a command like Ctrl-C: finished work is kept.

The first signal raises KeyboardInterrupt, so that files and child processes are cleaned up. A
second one ends the process at once, as if it were killed.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn

from benchmark.errors import Exit

INTERRUPTIONS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)

SAME_SECONDS = 0.5
"""Signals within this time count as one: `timeout` and terminals signal both process and group."""

LOOK_SECONDS = 0.1
"""How often it is examined whether an interruption was swallowed."""

_SHOW_CURSOR = b"\x1b[?25h"

_first: float | None = None

_deferring = 0
"""In how many contexts that defer interruptions this process is."""

_deferred: int | None = None
"""The interruption that came meanwhile."""


def interrupted() -> bool:
    """Whether this command was interrupted; errors after that need no report."""
    return _first is not None


@contextmanager
def interruptible() -> Iterator[None]:
    """Within this context interruptions are handled; ignored signals (`nohup`) stay ignored."""
    global _first
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    hook, first, _first = sys.unraisablehook, _first, None
    previous = {
        number: signal.signal(number, _interrupt)
        for number in INTERRUPTIONS
        if signal.getsignal(number) not in (signal.SIG_IGN, None)
    }
    sys.unraisablehook = _report
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        sys.unraisablehook, _first = hook, first


@contextmanager
def deferred_interruptions() -> Iterator[None]:
    """Within this context interruptions are deferred, also in child processes started in it."""
    global _deferring, _deferred
    held = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTIONS)
    # Another thread may take the signal, and its handler still runs in the main thread.
    _deferring += 1
    try:
        yield
    finally:
        _deferring -= 1
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        if not _deferring and _deferred is not None:
            number, _deferred = _deferred, None
            _interrupt(number, None)


def end_quickly() -> None:
    """Outside of a command, the first interruption ends the process: nothing needs clean-up."""
    for number in INTERRUPTIONS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _leave)


def leave(code: int) -> NoReturn:
    """End the process with the exit code of its command, which later signals cannot change."""
    for number in INTERRUPTIONS:
        signal.signal(number, signal.SIG_IGN)
    if code == Exit.INTERRUPTED:
        # If it came during an `exec` of text, such as the definition of a dataclass, `python -m`
        # would kill itself by SIGINT, although it was handled. All output has been flushed.
        os._exit(code)
    sys.exit(code)


def _interrupt(number: int, frame: FrameType | None) -> None:
    global _first, _deferred
    if _deferring:
        _deferred = number
    elif _first is None:
        _first = time.monotonic()
        threading.Thread(target=_watch, args=(number, _first), daemon=True).start()
        raise KeyboardInterrupt
    elif time.monotonic() - _first > SAME_SECONDS:
        _leave(number, frame)


def _leave(number: int, frame: FrameType | None) -> None:
    with suppress(OSError):
        if os.isatty(1):
            os.write(1, _SHOW_CURSOR)
    os._exit(Exit.INTERRUPTED)


def _watch(number: int, since: float) -> None:
    """Raise the interruption of that signal and time again if it was swallowed.

    Python swallows it in finalisers and C callbacks, libraries where they ignore all errors. Then
    the main thread handles no exception; while it cleans up, it does.
    """
    global _first
    main = threading.main_thread().ident
    assert main is not None
    time.sleep(LOOK_SECONDS)
    while _first == since:
        if sys._current_exceptions().get(main) in (None, (None, None, None)):
            _first = None
            signal.pthread_kill(main, number)  # another thread would not wake it
        time.sleep(LOOK_SECONDS)


def _report(unraisable: Any) -> None:
    """Report an error that Python swallows, unless it is an interruption, which comes again."""
    if not isinstance(unraisable.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
