"""Which files the patterns of a dataset card name."""

from __future__ import annotations

import re
from functools import lru_cache

from benchmark.data.corpora.layout.tree import Tree

MAGIC = re.compile(r"[*?[]")


def matching_files(pattern: str, tree: Tree) -> list[str]:
    """The files that a pattern names, sorted; none if there are none.

    What is the name of a file or a folder is that file or all in that folder, whatever characters
    it has. Otherwise `?` and `*` stand for characters within a name, `[0-9]` for one of a set, and
    `**` for any folders. Patterns do not match names that begin with a dot unless they have it.
    """
    if tree.has(pattern):
        return [pattern]
    magic = MAGIC.search(pattern)
    if (below := tree.files(pattern)) or not magic:
        return below
    fixed = pattern[: magic.start()].rpartition("/")[0]
    expression = _expression(pattern)
    return [name for name in tree.files(fixed) if expression.fullmatch(name)]


@lru_cache(maxsize=256)
def _expression(pattern: str) -> re.Pattern[str]:
    parts = pattern.split("/")
    written = []
    for part in parts[:-1]:
        written.append(r"(?:(?!\.)[^/]+/)*" if part == "**" else _name(part) + "/")
    last = r"(?:(?!\.)[^/]+/)*(?!\.)[^/]+" if parts[-1] == "**" else _name(parts[-1])
    return re.compile("".join(written) + last, re.DOTALL)


def _name(part: str) -> str:
    """One component; `**` within one crosses folders, as cards of old are written."""
    tokens = re.findall(r"\*\*|\*|\?|\[!?\]?[^]/]*\]|.", part, re.DOTALL)
    shown = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    written = "".join(shown.get(token) or _one(token) for token in tokens)
    return written if part.startswith(".") else r"(?!\.)" + written


def _one(token: str) -> str:
    if len(token) == 1:
        return re.escape(token)
    inside = token[1:-1].replace("\\", r"\\").replace("[", r"\[").replace("^", r"\^")
    return f"[^/{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
