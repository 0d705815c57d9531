"""Lines of text files."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from benchmark.errors import DataError

MARKS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file with their ends, numbered from 1, without a byte order mark.

    Only CR LF, LF and CR end lines. Raises DataError, with the line, for bytes that are not UTF-8.
    """
    number = 0
    try:
        with path.open("rb") as file:
            for chunk in file:
                if not number:
                    if chunk[:2] in MARKS:
                        raise DataError(f"{path} is {MARKS[chunk[:2]]}; write it as UTF-8")
                    chunk = chunk.removeprefix(codecs.BOM_UTF8)
                for line in _decoded(chunk, path, number + 1):
                    number += 1
                    yield number, line
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from error


def _decoded(chunk: bytes, path: Path, number: int) -> list[str]:
    try:
        text = chunk.decode()
    except UnicodeDecodeError as error:
        byte = chunk[error.start]
        line = number + chunk[: error.start].count(b"\r")
        raise DataError(f"{path}, line {line}: byte 0x{byte:02x} is not UTF-8") from None
    if "\0" in text:
        raise DataError(f"{path}, line {number}: a zero byte; it is not UTF-8 text")
    if "\r" in text[:-2]:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        # `splitlines` would also break at characters that do not end lines of a file.
        return [part for part in re.split(r"(?<=\n)", text) if part]
    return [text]
