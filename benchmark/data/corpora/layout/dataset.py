"""A dataset in Hub layout on this disk, read through `datasets` without decoding its audio.

It is streamed: nothing is copied into an Arrow cache, since preparation reads it only once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any

from benchmark.cache import cache_folder
from benchmark.data.corpora.base import SPLITS, RawUtterance
from benchmark.data.corpora.layout.columns import Columns, recognise_columns
from benchmark.data.corpora.layout.configs import ALIASES, Selection, folder_configs
from benchmark.data.corpora.layout.unreadable import explained
from benchmark.errors import DataError


def local_configs(root: Path, source: str) -> dict[str, Selection]:
    """The configs of the dataset in `root`, each with how to select it.

    Raises DataError when there are no data.
    """
    import datasets

    with explained(source):
        declared = datasets.get_dataset_config_names(str(root))
    if declared != ["default"]:
        return {name: {"name": name} for name in declared}
    return folder_configs(sorted(path.name for path in root.iterdir() if path.is_dir()))


@dataclass(frozen=True)
class Dataset:
    """One config of the dataset in `root`; `source` is what errors call it.

    `selection` holds the arguments of `datasets.load_dataset_builder` that choose the config.
    """

    root: Path
    config: str
    source: str
    selection: Selection

    @cached_property
    def files(self) -> dict[str, list[Path]]:
        """The data files of each split.

        Raises DataError when there is no split that the benchmark knows.
        """
        found = self._builder.config.data_files or {}
        files = {
            name: [Path(os.path.normpath(file)) for file in found[split]]
            for name, split in _by_usual_name(found).items()
        }
        for file in (file for split in files.values() for file in split):
            if not file.is_relative_to(self.root):
                raise DataError(f"{self.source} ({self.config}) points out of itself, to {file}")
        if not files:
            place, usual = f"{self.source} ({self.config})", ", ".join(SPLITS)
            listed = ", ".join(found) or "none"
            raise DataError(f"{place} has none of the splits {usual}; it has: {listed}")
        return files

    def rows(self, mapping: Mapping[str, str]) -> Iterator[RawUtterance]:
        """The utterances of every known split, in file order; `mapping` names columns by role.

        Raises DataError when a file cannot be read, naming it, or a column is missing.
        """
        for split, files in self.files.items():
            with explained(self.source, files):
                yield from self._split_rows(split, mapping)

    def _split_rows(self, split: str, mapping: Mapping[str, str]) -> Iterator[RawUtterance]:
        published = _by_usual_name(self._builder.config.data_files)[split]
        stream = self._builder.as_streaming_dataset(published)
        source = f"{self.source} ({self.config}, {split})"
        if stream.features is None:
            raise DataError(f"{source} holds tables without audio; Parquet or audio files are read")
        columns = recognise_columns(list(stream.features), mapping, source)
        wanted = [columns.audio, columns.text, columns.speaker, columns.id]
        stream = stream.select_columns(list(dict.fromkeys(c for c in wanted if c)))
        stream = stream.cast_column(columns.audio, self._storage(stream.features, columns, source))
        own_files = {str(file) for file in self.files[split]}
        for position, row in enumerate(stream):
            yield _utterance(row, columns, split, position, own_files)

    def _storage(self, features: Mapping[str, Any], columns: Columns, source: str) -> Any:
        """How encoded audio is stored. Features of type Audio need torchcodec, to decode and even
        to take in a path or bytes, so the column is read as what it is made of."""
        from datasets import Audio, Value
        from datasets.packaged_modules.audiofolder.audiofolder import AudioFolder

        stored = features[columns.audio]
        if isinstance(self._builder, AudioFolder):
            return Value("string")
        if isinstance(stored, Audio) or (isinstance(stored, dict) and stored.keys() >= {"bytes"}):
            return {"bytes": Value("binary"), "path": Value("string")}
        if isinstance(stored, Value) and stored.dtype.endswith("binary"):
            return stored
        raise DataError(f"{source}: column {columns.audio!r} holds no encoded audio files")

    @cached_property
    def _builder(self) -> Any:
        import datasets

        with explained(self.source):
            return datasets.load_dataset_builder(
                str(self.root), cache_dir=str(cache_folder() / "datasets"), **self.selection
            )


def _by_usual_name(found: Iterable[str]) -> dict[str, str]:
    """The split of `found` for each of SPLITS that is there."""
    usual = {ALIASES.get(str(name), str(name)): str(name) for name in found}
    return {name: usual[name] for name in SPLITS if name in usual}


def _utterance(
    row: Mapping[str, Any], columns: Columns, split: str, position: int, own_files: set[str]
) -> RawUtterance:
    path, data = _path_and_bytes(row[columns.audio])
    # A path in the data may point anywhere; only files that the digest covers are opened.
    if data is None and path and path in own_files:
        data = Path(path).read_bytes()
    id_ = row[columns.id] if columns.id else None
    if id_ is None:
        id_ = PurePath(path).name if path else f"{position:06d}"
    return RawUtterance(
        id=str(id_),
        split=split,
        audio=data,
        text=_string(row[columns.text]),
        speaker=_string(row[columns.speaker]) if columns.speaker else None,
    )


def _path_and_bytes(audio: str | bytes | dict[str, Any] | None) -> tuple[str | None, bytes | None]:
    if isinstance(audio, dict):
        return audio.get("path"), audio.get("bytes")
    return (audio, None) if isinstance(audio, str) else (None, audio)


def _string(value: object) -> str | None:
    return None if value is None or value == "" else str(value)
