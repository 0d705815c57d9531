"""Speech in a local folder with the layout of a Hub dataset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from benchmark.data.corpora.base import Corpus, RawUtterance
from benchmark.data.corpora.layout.card import declared_configs
from benchmark.data.corpora.layout.configs import all_configs, choose_config
from benchmark.data.corpora.layout.dataset import Dataset
from benchmark.data.corpora.layout.digests import content_digest
from benchmark.data.corpora.layout.tree import LocalTree
from benchmark.errors import DataError

CARD = "README.md"


@dataclass(frozen=True)
class Folder(Corpus):
    """A folder whose dataset card names a config per language, or with a folder per language.

    columns  role (audio, text, speaker, id) -> column, if it has no usual name
    configs  language -> config, if it is not named after the language
    splits   train, validation or test -> split, if it has another name
    """

    path: str
    columns: dict[str, str] = field(default_factory=dict)
    configs: dict[str, str] = field(default_factory=dict)
    splits: dict[str, str | list[str]] | None = None

    added_fields: ClassVar[tuple[str, ...]] = ("splits",)

    def identity(self, language: str) -> dict[str, Any]:
        """The digest of the language's files, so the same data in another place is the same
        corpus."""
        root, dataset = self._dataset(language)
        files = {s: [root / f for f in of] for s, of in dataset.selection.files.items()}
        return {
            "content": content_digest(files, root),
            "config": dataset.name,
            "columns": dict(sorted(self.columns.items())),
            **({"splits": dict(sorted(self.splits.items()))} if self.splits else {}),
        }

    def splits_of(self, language: str) -> dict[str, str | None]:
        """The splits declared by the card or derived from file names."""
        return self._dataset(language)[1].selection.used_as

    def read(self, language: str) -> Iterator[RawUtterance]:
        """The utterances in file order, audio still encoded."""
        root, dataset = self._dataset(language)
        return dataset.rows(root)

    def _dataset(self, language: str) -> tuple[Path, Dataset]:
        root = Path(self.path).expanduser().resolve()
        if not root.is_dir():
            raise DataError(f"{self.path} is not a folder")
        tree = LocalTree(root)
        folders = tree.folders()
        declared = declared_configs(_card(root), self.path)
        if not declared and not folders and not tree.files():
            raise DataError(f"{self.path} holds no data in Hub layout: it is empty")
        configs = all_configs(declared, folders)
        name = choose_config(language, list(configs), self.configs, self.path)
        dataset = Dataset(tree, name, configs[name], self.path, self.columns, self.splits or {})
        return root, dataset


def _card(root: Path) -> str:
    try:
        return (root / CARD).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise DataError(f"{root / CARD} cannot be read: {error.strerror}") from error
