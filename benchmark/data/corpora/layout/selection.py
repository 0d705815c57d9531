"""The files of a dataset that are read for a language: the tables or audio files of each split.

Each split has its own format; other files of the dataset do not matter.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from benchmark.data.corpora.layout.card import Config
from benchmark.data.corpora.layout.kinds import (
    EMBEDDED,
    READ,
    TABLES,
    extension,
    is_audio,
    is_hidden,
    is_metadata,
    is_table,
    stem,
)
from benchmark.data.corpora.layout.patterns import matching_files
from benchmark.data.corpora.layout.splits import Names, as_list, choose_splits, infer_splits
from benchmark.data.corpora.layout.tree import Tree
from benchmark.errors import DataError


@dataclass(frozen=True)
class Split:
    """The files of a split, and those of its tables that are read, all in one format. Without
    tables, audio files are read, with the names of their folders."""

    files: tuple[str, ...]
    tables: tuple[str, ...]

    @property
    def embedded(self) -> bool:
        """Whether its tables contain the audio."""
        return bool(self.tables) and not _names_audio(self.tables[0])


@dataclass(frozen=True)
class Selection:
    """The splits of a config by their usual names, and the files that their rows may name.

    used_as  the names of all existing splits, with the splits as which they are read
    others   files of splits that are not read
    area     files that rows may name; none if tables contain the audio
    top      the folder that contains all files
    """

    splits: dict[str, Split]
    used_as: dict[str, str | None]
    others: tuple[str, ...]
    area: tuple[str, ...]
    top: str

    @cached_property
    def files(self) -> dict[str, list[str]]:
        """All files whose content or presence affects what is read, by split; those that belong to
        no single split are under the empty name."""
        files = {name: list(split.tables) for name, split in self.splits.items()}
        used = {file for tables in files.values() for file in tables}
        loose = [f for f in self.area if is_audio(f) or (is_table(f) and _names_audio(f))]
        return files | ({"": sorted({*loose} - used)} if self.area else {})


def select(config: Config, tree: Tree, mapping: Names, place: str) -> Selection:
    """The files of a config. Raises DataError if it has no known split, if a pattern matches no
    file, or if the files of a split have no supported format or several."""
    mapped = [name for names in mapping.values() for name in as_list(names)]
    if config.patterns is None:
        everything = tree.files(config.folder)
        candidates = infer_splits(everything, config.folder, mapped)
        if not candidates:
            raise DataError(f"{place} holds no data in Hub layout: {_unreadable(everything)}")
    else:
        candidates = {
            s: _matched(of, tree, f"{place}, split {s}") for s, of in config.patterns.items()
        }
        everything = []
    chosen = choose_splits(candidates, mapping, place)
    splits = {
        role: _split(candidates[name], everything, config.folder, f"{place}, split {name}")
        for role, name in chosen.items()
    }
    naming = [split for split in splits.values() if not split.embedded]
    if naming and not everything:
        folders = {posixpath.dirname(table) for split in naming for table in split.tables}
        everything = [file for folder in sorted(folders) for file in tree.files(folder)]
    area = [file for split in naming for file in split.files] + everything if naming else []
    others = (
        file for name in candidates if name not in chosen.values() for file in candidates[name]
    )
    used_as = dict.fromkeys(candidates) | {name: role for role, name in chosen.items()}
    return Selection(splits, used_as, tuple(others), tuple(dict.fromkeys(area)), config.folder)


def _matched(patterns: Sequence[str], tree: Tree, place: str) -> list[str]:
    files: dict[str, None] = {}
    for pattern in patterns:
        matched = matching_files(pattern, tree)
        if not matched:
            raise DataError(f"{place}: README.md names {pattern!r}, but there is no such file")
        files |= dict.fromkeys(matched)
    return list(files)


def _split(files: Sequence[str], around: Sequence[str], top: str, place: str) -> Split:
    """A split of these files; metadata may also lie above their folder, below `top`."""
    seen = [file for file in files if not is_hidden(file)]
    tables = [file for file in seen if is_table(file)]
    audio = any(map(is_audio, seen))
    if not tables and audio:
        tables = _above(seen, around, top)
    holding = [table for table in tables if not _names_audio(table)]
    naming = [table for table in tables if _names_audio(table)]
    naming = [table for table in naming if is_metadata(table)] or naming
    twice = {stem(t) for t in holding} & {stem(t) for t in naming}
    if holding and not twice and not (audio and any(map(is_metadata, naming))):
        naming = []
    by_format = {TABLES[extension(table)]: table for table in reversed(holding + naming)}
    if len(by_format) > 1 or (holding and naming):
        both = " and ".join(sorted({*by_format.values()}) or tables)
        raise DataError(f"{place} is there more than once: in {both}; keep one")
    if not by_format and not any(extension(file) in READ for file in seen):
        raise DataError(f"{place}: {_unreadable(files)}")
    return Split(tuple(files), tuple(holding or naming))


def _above(files: Sequence[str], around: Sequence[str], top: str) -> list[str]:
    """The metadata in the nearest folder above all of `files`, at most in `top`."""
    folder = posixpath.commonpath([posixpath.dirname(file) for file in files])
    metadata = [file for file in around if is_metadata(file) and not is_hidden(file)]
    while True:
        here = [file for file in metadata if posixpath.dirname(file) == folder]
        if here or folder in (top, ""):
            return here
        folder = posixpath.dirname(folder)


def _names_audio(table: str) -> bool:
    return TABLES[extension(table)] not in EMBEDDED or is_metadata(table)


def _unreadable(files: Sequence[str]) -> str:
    """The kinds of files found, and the supported ones."""
    endings = sorted({extension(file) or "no ending" for file in files if not is_hidden(file)})
    held = f"its files are {', '.join(endings[:8])}" if endings else "it is empty"
    formats = ", ".join(dict.fromkeys(TABLES.values()))
    return f"{held}; supported are {formats} and audio (WAV, FLAC, Ogg, Opus, MP3, AIFF)"
