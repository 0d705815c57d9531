"""The configs that a dataset card declares, and the files that belong to each."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from benchmark.errors import DataError

FRONT_MATTER = re.compile(
    r"\A\ufeff?\s*---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class Config:
    """The files of a config.

    folder    its folder below the root; empty for the root
    patterns  split -> patterns of its files; None if file names determine the splits
    """

    folder: str = ""
    patterns: dict[str, list[str]] | None = None


@lru_cache(maxsize=8)
def declared_configs(card: str, source: str) -> dict[str, Config]:
    """The configs that the text of a dataset card declares, by name; none without front matter.

    Scalars are read literally: a config called `no` is not False. Raises DataError for invalid
    front matter, and for files outside of the dataset.
    """
    matter = FRONT_MATTER.match(card)
    if not matter:
        return {}
    try:
        read = yaml.load(matter[1], yaml.BaseLoader)  # builds only strings, lists and mappings
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 2}" if mark else ""
        problem = getattr(error, "problem", None) or type(error).__name__
        raise DataError(f"{source}, README.md{line}: {problem}") from None
    configs = read.get("configs") if isinstance(read, dict) else None
    if not configs:
        return {}
    if not isinstance(configs, list):
        raise DataError(f"{source}, README.md: `configs` is not a list")
    return dict(_config(entry, source) for entry in configs)


def _config(entry: Any, source: str) -> tuple[str, Config]:
    name = entry.get("config_name") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name:
        raise DataError(f"{source}, README.md: an entry of `configs` has no `config_name`")
    place = f"{source} ({name})"
    data_dir = entry.get("data_dir") or ""
    if not isinstance(data_dir, str):
        raise DataError(f"{place}, README.md: `data_dir` is not a folder")
    folder = _inside(data_dir, "", place) if data_dir else ""
    if "data_files" not in entry:
        return name, Config(folder)
    splits = _by_split(entry["data_files"], place)
    patterns = {s: [_inside(path, folder, place) for path in of] for s, of in splits.items()}
    return name, Config(folder, patterns)


def _by_split(data_files: Any, place: str) -> dict[str, list[str]]:
    """The patterns of each split, from paths, a mapping of splits to paths, or a list of both."""
    if isinstance(data_files, dict):
        return {str(split): _listed(paths, place) for split, paths in data_files.items()}
    if isinstance(data_files, list) and data_files and isinstance(data_files[0], dict):
        splits: dict[str, list[str]] = {}
        for entry in data_files:
            split = entry.get("split") if isinstance(entry, dict) else None
            if not isinstance(split, str) or "path" not in entry:
                raise DataError(f"{place}, README.md: `data_files` lacks a `split` or its `path`")
            if split in splits:
                raise DataError(f"{place}, README.md: split {split!r} is declared twice")
            splits[split] = _listed(entry["path"], place)
        return splits
    return {"train": _listed(data_files, place)}


def _listed(paths: Any, place: str) -> list[str]:
    listed = paths if isinstance(paths, list) else [paths]
    if not listed or not all(isinstance(path, str) and path for path in listed):
        raise DataError(f"{place}, README.md: `data_files` names no files")
    return listed


def _inside(path: str, folder: str, place: str) -> str:
    """A path below the root. Raises DataError for a path that leads out of it."""
    joined = posixpath.normpath(posixpath.join(folder, path))
    if path.startswith("/") or "://" in path or joined.split("/")[0] == "..":
        raise DataError(f"{place} points out of itself, to {path}")
    return "" if joined == "." else joined
