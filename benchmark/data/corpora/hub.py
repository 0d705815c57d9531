"""Speech in a dataset repository on the Hugging Face Hub."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from benchmark.data.corpora.base import Corpus, RawUtterance
from benchmark.data.corpora.layout.configs import all_configs, choose_config
from benchmark.data.corpora.layout.dataset import Dataset
from benchmark.data.corpora.layout.repository import Repository, find_repository
from benchmark.data.corpora.layout.tree import ListedTree


@dataclass(frozen=True)
class Hub(Corpus):
    """The dataset OWNER/NAME at one commit; only files of the languages used are downloaded.

    A private or gated dataset needs `hf auth login`; `HF_ENDPOINT` sets another Hub.

    revision  branch, tag or commit; a branch stays at the commit of its first use
    columns   role (audio, text, speaker, id) -> column, if it has no usual name
    configs   language -> config, if it is not named after the language
    splits    train, validation or test -> split, if it has another name
    """

    repo: str
    revision: str = "main"
    columns: dict[str, str] = field(default_factory=dict)
    configs: dict[str, str] = field(default_factory=dict)
    splits: dict[str, str | list[str]] | None = None

    added_fields: ClassVar[tuple[str, ...]] = ("splits",)

    def identity(self, language: str) -> dict[str, Any]:
        """The commit; needs no network after its first use."""
        repository, dataset = self._dataset(language)
        return {
            "repo": self.repo,
            "sha": repository.sha,
            "config": dataset.name,
            "columns": dict(sorted(self.columns.items())),
            **({"splits": dict(sorted(self.splits.items()))} if self.splits else {}),
        }

    def splits_of(self, language: str) -> dict[str, str | None]:
        """The splits declared by the card or derived from file names."""
        return self._dataset(language)[1].selection.used_as

    def read(self, language: str) -> Iterator[RawUtterance]:
        """The utterances in file order, audio still encoded; missing files are downloaded first."""
        repository, dataset = self._dataset(language)
        files = {file for split in dataset.selection.files.values() for file in split}
        return dataset.rows(repository.download(files))

    def _dataset(self, language: str) -> tuple[Repository, Dataset]:
        repository = find_repository(self.repo, self.revision)
        tree = ListedTree(repository.files)
        configs = all_configs(repository.declared, tree.folders())
        name = choose_config(language, list(configs), self.configs, self.repo)
        dataset = Dataset(tree, name, configs[name], self.repo, self.columns, self.splits or {})
        return repository, dataset
