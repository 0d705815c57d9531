"""Output that is safe for any terminal: no encoding errors and no control sequences."""

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
    """`text` with control characters as escapes, except tab and line feed."""
    return _CONTROL.sub(lambda match: ascii(match[0])[1:-1], text)


def shortened(text: str) -> str:
    """`text` with very long words, such as paths, shortened in the middle."""
    return _LONG_WORD.sub(r"\1...\2", text)


def one_line(text: str) -> str:
    """`visible` text in one line and one field, with tab and line feed escaped too."""
    return visible(text).replace("\t", "\\t").replace("\n", "\\n")


_WRITERS = (__file__, rich.console.__file__)


class Terminal(Console):
    """A console that prints text literally, without markup, emoji codes or control characters.

    File names and recognised text may contain `[red]` or an escape sequence.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, soft_wrap=True, **settings)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """The segments of `renderable`, with control characters in text escaped."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))

    def on_broken_pipe(self) -> None:
        """Continue without output, so that the exit code is correct."""
        _forget(sys.stdout)


def make_safe() -> None:
    """Escape characters missing in the encoding (`\\u044f`), and replace missing streams."""
    # The next opened file would get a free descriptor, and the output of libraries would end up
    # in it.
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
    """Print a message to standard error, if possible."""
    with suppress(OSError, ValueError):
        print(visible(text), file=sys.stderr, flush=True)


def put(text: str) -> None:
    """Print output for programs immediately; without a reader, output is given up."""
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:
        _forget(sys.stdout)


def refusal(raised: BaseException | None = None) -> OSError | None:
    """Why standard output cannot be written, else None: `raised`, if it came from writing to it, or
    the error of writing the rest, which is then given up.
    """
    # Such an error names no file, so only its traceback shows the cause.
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
    """Discard buffered output that Python would fail to write at exit."""
    try:
        sys.stderr.flush()
    except OSError:
        _forget(sys.stderr)


def _forget(stream: TextIO) -> None:
    """Redirect a stream to nowhere."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
