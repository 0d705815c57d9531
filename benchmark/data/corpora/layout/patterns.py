"""Matching of the file patterns of a dataset card."""

from __future__ import annotations

import re
from functools import lru_cache

from benchmark.data.corpora.layout.tree import Tree

MAGIC = re.compile(r"[*?[]")


def matching_files(pattern: str, tree: Tree) -> list[str]:
    """The files that match a pattern, sorted; may be empty.

    The literal name of a file or folder means that file, or all files in that folder. Otherwise `?`
    and `*` match characters within a name, `[0-9]` one of a set, and `**` any folders. Names that
    begin with a dot match only patterns that do.
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
    """One component; `**` within a component crosses folders, as in old dataset cards."""
    tokens = re.findall(r"\*\*|\*|\?|\[!?\]?[^]/]*\]|.", part, re.DOTALL)
    shown = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    written = "".join(shown.get(token) or _one(token) for token in tokens)
    return written if part.startswith(".") else r"(?!\.)" + written


def _one(token: str) -> str:
    if len(token) == 1:
        return re.escape(token)
    inside = token[1:-1].replace("\\", r"\\").replace("[", r"\[").replace("^", r"\^")
    return f"[^/{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
