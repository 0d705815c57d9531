"""A dataset in Hub layout on this disk, read through `datasets` without decoding its audio.

It is streamed: nothing is copied into an Arrow cache, since preparation reads it only once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any

from benchmark.cache import cache_folder
from benchmark.data.corpora.base import SPLITS, RawUtterance
from benchmark.data.corpora.layout.columns import Columns, recognise_columns
from benchmark.errors import DataError

ALIASES = {"dev": "validation", "valid": "validation", "val": "validation"}


def config_names(root: Path, source: str) -> list[str]:
    """The configs that the dataset card declares; without a card, also the folders in `root`."""
    declared = _declared(root, source)
    return declared + _folders(root) if declared == ["default"] else declared


def _declared(root: Path, source: str) -> list[str]:
    import datasets

    with _explained(source):
        return list(datasets.get_dataset_config_names(str(root)))


def _folders(root: Path) -> list[str]:
    names = sorted(p.name for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
    of_one_config = {*SPLITS, *ALIASES, "data"}
    return [] if of_one_config & set(names) else names


@dataclass(frozen=True)
class Dataset:
    """One config of the dataset in `root`; `source` is what errors call it."""

    root: Path
    config: str
    source: str

    @cached_property
    def files(self) -> dict[str, list[Path]]:
        """The data files of each split.

        Raises DataError when there is no split that the benchmark knows.
        """
        found = self._builder.config.data_files or {}
        files = {
            name: [Path(file) for file in found[split]]
            for name, split in _by_usual_name(list(found)).items()
        }
        if not files:
            place, usual = f"{self.source} ({self.config})", ", ".join(SPLITS)
            listed = ", ".join(found) or "none"
            raise DataError(f"{place} has none of the splits {usual}; it has: {listed}")
        return files

    def rows(self, mapping: Mapping[str, str]) -> Iterator[RawUtterance]:
        """The utterances of every known split, in file order; `mapping` names columns by role.

        Raises DataError when a file cannot be read, naming it, or a column is missing.
        """
        for split, name in _by_usual_name(list(self._builder.config.data_files)).items():
            with _explained(self.source, self.files[split]):
                yield from self._split_rows(split, name, mapping)

    def _split_rows(
        self, split: str, name: str, mapping: Mapping[str, str]
    ) -> Iterator[RawUtterance]:
        from datasets import Audio

        stream = self._builder.as_streaming_dataset(name)
        source = f"{self.source} ({self.config}, {split})"
        if stream.features is None:
            raise DataError(f"{source} holds tables without audio; Parquet or audio files are read")
        columns = recognise_columns(list(stream.features), mapping, source)
        wanted = [columns.audio, columns.text, columns.speaker, columns.id]
        stream = stream.select_columns(list(dict.fromkeys(c for c in wanted if c)))
        # Cast after loading: to decode, or to build Audio into features, would need torchcodec.
        stream = stream.cast_column(columns.audio, Audio(decode=False))
        own_files = {str(file) for file in self.files[split]}
        for position, row in enumerate(stream):
            yield _utterance(row, columns, split, position, own_files)

    @cached_property
    def _builder(self) -> Any:
        import datasets

        if self.config in _declared(self.root, self.source):
            chosen = {"name": self.config}
        else:
            chosen = {"data_dir": self.config}
        with _explained(self.source):
            return datasets.load_dataset_builder(
                str(self.root), cache_dir=str(cache_folder() / "datasets"), **chosen
            )


def _by_usual_name(found: Sequence[str]) -> dict[str, str]:
    """The split of `found` for each of SPLITS that is there."""
    usual = {ALIASES.get(str(name), str(name)): str(name) for name in found}
    return {name: usual[name] for name in SPLITS if name in usual}


def _utterance(
    row: Mapping[str, Any], columns: Columns, split: str, position: int, own_files: set[str]
) -> RawUtterance:
    audio = row[columns.audio] or {}
    path, data = audio.get("path"), audio.get("bytes")
    # A path in the data may point anywhere; only files that the digest covers are opened.
    if data is None and path in own_files:
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


def _string(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


@contextmanager
def _explained(source: str, files: Sequence[Path] = ()) -> Iterator[None]:
    """Turn what `datasets` raises into a DataError that names the file that is broken."""
    try:
        yield
    except DataError:
        raise
    except FileNotFoundError as error:
        raise DataError(f"{source} holds no data in Hub layout: {_first_line(error)}") from error
    except Exception as error:
        broken = next((file for file in files if not _whole(file)), None)
        if broken:
            raise DataError(f"{broken} is not a readable Parquet file") from error
        raise DataError(f"{source} cannot be read: {_first_line(error)}") from error


def _whole(file: Path) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if file.suffix != ".parquet":
        return True
    try:
        for _ in pq.ParquetFile(file).iter_batches():
            pass
    except (pa.ArrowException, OSError):
        return False
    return True


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
