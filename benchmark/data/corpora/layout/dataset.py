"""A dataset in Hub layout on disk, read without decoding its audio."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from benchmark.data.corpora.base import RawUtterance
from benchmark.data.corpora.layout.audio import AudioFiles, NoAudio, printable
from benchmark.data.corpora.layout.card import Config
from benchmark.data.corpora.layout.columns import recognise_columns
from benchmark.data.corpora.layout.formats.open import open_table
from benchmark.data.corpora.layout.kinds import is_table
from benchmark.data.corpora.layout.selection import Selection, select
from benchmark.data.corpora.layout.split import SplitReader
from benchmark.data.corpora.layout.splits import Names
from benchmark.data.corpora.layout.tree import Tree
from benchmark.errors import DataError


@dataclass(frozen=True)
class Dataset:
    """One config of a dataset; `source` is its name in messages.

    columns  role -> column
    splits   train, validation or test -> its name, or several to look for
    """

    tree: Tree
    name: str
    config: Config
    source: str
    columns: Mapping[str, str] = field(default_factory=dict)
    splits: Names = field(default_factory=dict)

    @cached_property
    def selection(self) -> Selection:
        """Its files. Raises DataError if they cannot be determined."""
        return select(self.config, self.tree, self.splits, f"{self.source} ({self.name})")

    def rows(self, root: Path) -> Iterator[RawUtterance]:
        """The utterances of every known split in file order, then the audio files without a row.

        `root` is the folder of the files. Raises DataError if a file cannot be read or a column is
        missing.
        """
        audio = AudioFiles(root, self.selection.area)
        place = f"{self.source} ({self.name}"
        for role in self.selection.splits:
            reader = SplitReader(self.selection, role, audio, self.columns, f"{place}, {role})")
            yield from reader.rows()
        if self.selection.area:
            yield from self._without_row(audio)

    def _without_row(self, audio: AudioFiles) -> Iterator[RawUtterance]:
        """Audio files that no row of any split names."""
        splits, others = self.selection.splits, self.selection.others
        if audio.unused(others):
            for table in filter(is_table, others):
                self._name_others(table, audio)
        naming = (split.tables for split in splits.values() if not split.embedded)
        tables = sorted({posixpath.basename(table) for tables in naming for table in tables})
        reason = f"no row in {tables[0]}" if len(tables) == 1 else "no row in any table"
        first = next(iter(splits))
        for file in audio.unused(others):
            split = next((role for role, of in splits.items() if file in of.files), first)
            yield RawUtterance(
                printable(posixpath.basename(file)), split, None, None, None, problem=reason
            )

    def _name_others(self, name: str, audio: AudioFiles) -> None:
        """Mark the files named by a split that is not read as used; a table that is not a list of
        files names none."""
        try:
            table = open_table(audio.root / name)
            column = recognise_columns(table.columns, self.columns, name, names_audio=True).audio
            for _, values in table.rows([column]):
                with suppress(NoAudio):
                    file = audio.find(str(values[column]), posixpath.dirname(name), "")
                    audio.used.setdefault(file, name)
        except DataError:
            return
