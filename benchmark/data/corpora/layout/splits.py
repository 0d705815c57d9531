"""Names of the splits of a dataset, and the files that belong to them.

Only unambiguous names are recognised: some corpora use `eval` and `dev_test` for validation and
others for testing, so a suite has to map them (`splits: {test: eval}`).
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from benchmark.data.corpora.base import SPLITS
from benchmark.data.corpora.layout.kinds import is_audio, is_hidden, is_metadata, is_table, stem
from benchmark.errors import DataError

Names = Mapping[str, str | Sequence[str]]
"""Names of splits in a suite; of several names the first existing one is used."""

ALIASES = {
    "training": "train",
    "dev": "validation",
    "valid": "validation",
    "val": "validation",
    "testing": "test",
}
"""Other names of splits."""

UNCLEAR = frozenset({"eval", "evaluation", "devtest"})
"""Ambiguous names of splits."""

SHARD = re.compile(r"[-_.]\d+(-of-\d+)?$")


def usual_name(name: str) -> str | None:
    """The one of SPLITS that a name means, ignoring case; None for other names."""
    lowered = name.lower()
    usual = ALIASES.get(lowered, lowered)
    return usual if usual in SPLITS else None


def choose_splits(present: Iterable[str], mapping: Names, place: str) -> dict[str, str]:
    """The split of `found` for each available one of SPLITS: the first that `mapping` names for it
    or, without a mapping, the one with that name or an alias.

    Raises DataError if `mapping` has an unknown split, if one of SPLITS has two candidates, or if
    there is none at all.
    """
    present = list(present)
    for role in mapping:
        if role not in SPLITS:
            raise DataError(f"splits: {role!r} is not a split; the splits are {', '.join(SPLITS)}")
    taken = {name for names in mapping.values() for name in as_list(names)}
    chosen: dict[str, str] = {}
    for role in SPLITS:
        if role in mapping:
            named = [name for name in as_list(mapping[role]) if name in present][:1]
        else:
            named = [name for name in present if usual_name(name) == role and name not in taken]
        if len(named) > 1:
            example = f"`splits: {{{role}: {named[0]}}}`"
            raise DataError(f"{place} has {' and '.join(named)} for {role}; choose one: {example}")
        if named:
            chosen[role] = named[0]
    if not chosen:
        usual, there = ", ".join(SPLITS), ", ".join(present) or "none"
        raise DataError(
            f"{place} has none of the splits {usual}; it has: {there}{split_hint(present)}"
        )
    return chosen


def as_list(names: str | Sequence[str]) -> list[str]:
    """One name or several as a list."""
    return [names] if isinstance(names, str) else list(names)


def split_hint(present: Iterable[str]) -> str:
    """How a suite can map a split with another name, if there is one."""
    other = next((name for name in present if usual_name(name) is None), None)
    return f"\nIf {other} is the test split, write `splits: {{test: {other}}}`." if other else ""


def infer_splits(
    files: Iterable[str], folder: str, also: Iterable[str] = ()
) -> dict[str, list[str]]:
    """The files of each split, from the names of folders and tables below `folder`; names in `also`
    are splits too.

    The splits are the topmost folders or tables of which at least one has the name of a split;
    names of audio files do not matter. Without such names, everything is `train`. Raises DataError
    if a table and a folder of tables have the name of the same split.
    """
    start = len(folder) + 1 if folder else 0
    data = [f for f in files if not is_hidden(f) and (is_audio(f) or is_table(f))]
    below = {name: name[start:].split("/") for name in data}
    extra_names = frozenset(also)
    for depth in range(max(map(len, below.values()), default=0)):
        tables, folders = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
        for name, parts in below.items():
            if len(parts) > depth + 1:
                folders[_split_of(parts[depth], extra_names)].append(name)
            elif len(parts) == depth + 1 and is_table(name):
                tables[_split_of(stem(name), extra_names)].append(name)
        if any(_is_split(name, extra_names) for name in (*tables, *folders)):
            return _joined(tables, folders, extra_names, folder)
    return {"train": data} if data else {}


def folder_of(split: str, file: str, top: str) -> str:
    """The folder of a split that contains a file, below `top`; `top` if there is none."""
    folders = posixpath.dirname(file)[len(top) :].lstrip("/").split("/")
    for i, folder in enumerate(folders):
        if folder == split or _split_of(folder, frozenset({split})) == split:
            return posixpath.join(top, *folders[: i + 1])
    return top


def _joined(
    tables: Mapping[str, list[str]],
    folders: Mapping[str, list[str]],
    extra_names: frozenset[str],
    folder: str,
) -> dict[str, list[str]]:
    """Tables are splits if one has the name of a split. Folders are splits too, unless they only
    contain the audio that such tables name."""
    splits: dict[str, list[str]] = {}
    named = any(_is_split(name, extra_names) for name in tables)
    if named:
        splits = {
            n: of for n, of in tables.items() if _is_split(n, extra_names) or not is_metadata(of[0])
        }
    for name, of in folders.items():
        if any(map(is_table, of)):
            if name in splits:
                raise DataError(f"{folder or '.'}: split {name} is both a table and a folder")
            splits[name] = of
        elif name not in splits and (_is_split(name, extra_names) or not named):
            splits[name] = of
    return splits


def _is_split(name: str, extra_names: frozenset[str]) -> bool:
    return bool(usual_name(name)) or name.lower() in UNCLEAR or name in extra_names


def _split_of(name: str, extra_names: frozenset[str]) -> str:
    """The name of a split within the name of a folder or table (`train-clean-100`, `nl_test`), else
    the whole name without a shard number."""
    whole = SHARD.sub("", name)
    if whole in extra_names:
        return whole
    words = [word for word in re.split(r"[-._ 0-9]+", name) if _is_split(word, extra_names)]
    return words[0] if len({usual_name(word) or word for word in words}) == 1 else whole
