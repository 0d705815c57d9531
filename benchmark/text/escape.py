"""Escaping of text for Markdown, HTML and spreadsheets."""

from __future__ import annotations

import re

from benchmark.statistics.estimate import is_known


def escape(text: str, most: int = 120) -> str:
    """`text` on one line of at most `most` characters, with all Markdown syntax escaped."""
    line = " ".join(text.split())
    line = line if len(line) <= most else line[: most - 3] + "..."
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace("@", "@\u200b")
    return re.sub(r"([\\`*_\[\]|~#])", r"\\\1", line)


def escaped(text: str) -> str:
    """Text with Markdown and HTML syntax escaped."""
    for old, new in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("\n", " ")):
        text = text.replace(old, new)
    return text


def neutralise(value: object) -> str:
    """The text of a field, such that no spreadsheet interprets it as a formula.

    Texts that begin with = + - @, a tab or a carriage return are prefixed by an apostrophe (OWASP,
    CSV injection); numbers are unchanged.
    """
    if isinstance(value, float):
        return f"{value:.6g}" if is_known(value) else ""
    text = str(value)
    dangerous = isinstance(value, str) and text.startswith(("=", "+", "-", "@", "\t", "\r"))
    return "'" + text if dangerous else text
