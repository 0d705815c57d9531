"""Output that any terminal can take: nothing fails for its encoding, nothing is executed by it."""

from __future__ import annotations

import io
import os
import re
import sys
import traceback
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import rich.console
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # what a terminal acts on
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # line ends, and marks that turn text around
    "\ud800-\udfff]"  # bytes of file names that are no text
)

_LONG_WORD = re.compile(r"(\S{120})\S{40,}(\S{40})")


def visible(text: str) -> str:
    """`text` with its control characters written as escapes, but for tab and line feed."""
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


def shortened(text: str) -> str:
    """`text` with the middle of very long words left out, such as that of paths."""
    return _LONG_WORD.sub(r"\1...\2", text)


def one_line(text: str) -> str:
    """`visible` text in one line and one field: tab and line feed are escaped too."""
    return visible(text).replace("\t", "\\t").replace("\n", "\\n")


_WRITERS = (__file__, rich.console.__file__)


class Terminal(Console):
    """A console that takes text as it is: no markup in it, no emoji codes, no control characters.

    A file name may hold `[red]` or an escape sequence, and so may what a model recognised.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, soft_wrap=True, **settings)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """The segments of `renderable`; those that are text hold nothing but text."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))

    def on_broken_pipe(self) -> None:
        """Go on unheard, so that the exit code tells how the command ended."""
        _forget(sys.stdout)


def make_safe() -> None:
    """Escape what an encoding lacks (`\\u044f`), and write to nowhere what has no stream."""
    # A descriptor that is free would be that of the next file that is opened, so that what
    # a library prints would end up in it.
    if sys.stdout is None:
        sys.stdout = _nowhere()
        say("standard output is closed; nothing is shown")
    if sys.stderr is None:
        sys.stderr = _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def say(text: str) -> None:
    """Print a message beside the output, if anybody can hear it."""
    with suppress(OSError, ValueError):
        print(visible(text), file=sys.stderr, flush=True)


def put(text: str) -> None:
    """Print output for programs, at once; without a reader it is given up."""
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:
        _forget(sys.stdout)


def refusal(raised: BaseException | None = None) -> OSError | None:
    """Why standard output takes no more, if so: `raised`, where that came of writing to it, or what
    comes of writing what is left. That is then given up.
    """
    # Such an error names no file: only where it was raised tells.
    if isinstance(raised, OSError) and _raised_in(raised) in _WRITERS:
        _forget(sys.stdout)
        return raised
    try:
        sys.stdout.flush()
    except OSError as error:
        _forget(sys.stdout)
        return error
    return None


def _raised_in(error: OSError) -> str:
    return traceback.extract_tb(error.__traceback__)[-1].filename


def close_quietly() -> None:
    """Leave nothing that Python would write, and fail to, when it ends."""
    try:
        sys.stderr.flush()
    except OSError:
        _forget(sys.stderr)


def _forget(stream: TextIO) -> None:
    """Let a stream lead nowhere."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
