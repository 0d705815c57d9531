"""Errors that a user can act on, and the exit codes they lead to."""

from __future__ import annotations

import reprlib
from difflib import get_close_matches
from enum import IntEnum
from pathlib import Path

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 80
_SHORT.maxlevel = 3

MESSAGE_LENGTH = 600
"""Characters that are shown of what is wrong with a suite, besides the place."""


def shown(value: object, most: int = MESSAGE_LENGTH) -> str:
    """A value for a message: its repr on one line, of `most` characters, without its middle where
    that is long. Nothing in it moves a cursor."""
    text = _SHORT.repr(value)
    return text if len(text) <= most else text[: most - 3] + "..."


def one_line(text: str) -> str:
    """Text with what cannot be printed as escapes, line breaks included."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


LONGEST_NAME = 100
MOST_NAMES = 40
"""What a message lists of names, and compares with one that is unknown."""


def did_you_mean(name: str, known: list[str]) -> str:
    """`; did you mean 'x'?` or `; known: a, b, c`."""
    known = list(dict.fromkeys(known))
    short = [other for other in known if len(other) <= LONGEST_NAME]
    if len(name) <= LONGEST_NAME and (close := get_close_matches(name, short, n=1, cutoff=0.6)):
        return f"; did you mean {close[0]!r}?"
    more = ", ..." if len(known) > len(short[:MOST_NAMES]) else ""
    return f"; known: {', '.join(short[:MOST_NAMES])}{more}"


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
        message = "\n".join(map(one_line, message.split("\n", 1)))
        if len(message) > MESSAGE_LENGTH:
            message = message[: MESSAGE_LENGTH - 3] + "..."
        super().__init__(one_line(place) + message)


class DataError(UserError):
    """Speech data that is missing, unreadable or breaks a rule of the benchmark."""

    exit_code = Exit.INCOMPLETE


class Diverged(Exception):
    """A loss or a weight became infinite or not a number."""


class Unsupported(Exception):
    """A combination that cannot work, with the reason."""


class Unstackable(Exception):
    """The learners of a stack cannot compute as one; alone they can."""
