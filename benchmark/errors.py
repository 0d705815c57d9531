"""Errors that a user can act on, and the exit codes they lead to."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path


class Exit(IntEnum):
    """Exit codes of the command line."""

    OK = 0
    REGRESSION = 1
    USAGE = 2
    INCOMPLETE = 3
    INCONCLUSIVE = 4
    FAULT = 70
    INTERRUPTED = 130


class UserError(Exception):
    """Something the user can put right; shown as one or two lines, without a traceback."""

    exit_code = Exit.USAGE


class SuiteError(UserError):
    """A suite file that cannot be run, with the line that is wrong."""

    def __init__(self, message: str, path: Path | None = None, line: int | None = None) -> None:
        place = f"{path}:{line}: " if path and line else f"{path}: " if path else ""
        super().__init__(place + message)


class DataError(UserError):
    """Speech data that is missing, unreadable or breaks a rule of the benchmark."""

    exit_code = Exit.INCOMPLETE


class Diverged(Exception):
    """A loss or a weight became infinite or not a number."""


class Unsupported(Exception):
    """A combination that cannot work, with the reason."""
