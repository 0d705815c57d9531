"""Speech in a dataset repository on the Hugging Face Hub."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmark.data.corpora.base import Corpus, RawUtterance
from benchmark.data.corpora.layout.configs import choose_config
from benchmark.data.corpora.layout.dataset import Dataset
from benchmark.data.corpora.layout.repository import find_repository


@dataclass(frozen=True)
class Hub(Corpus):
    """The dataset OWNER/NAME at one commit; only the files of languages that are read are fetched.

    A private or gated dataset needs `hf auth login`; `HF_ENDPOINT` names another Hub.

    revision  branch, tag or commit; what a branch was when it was first asked for, it stays
    columns   role (audio, text, speaker, id) -> column, for those without a usual name
    configs   language -> config, for those not named after their language
    """

    repo: str
    revision: str = "main"
    columns: dict[str, str] = field(default_factory=dict)
    configs: dict[str, str] = field(default_factory=dict)

    def identity(self, language: str) -> dict[str, Any]:
        """The commit; needs no network when it was asked for before."""
        repository = find_repository(self.repo, self.revision)
        return {
            "repo": self.repo,
            "sha": repository.sha,
            "config": choose_config(language, list(repository.configs), self.configs, self.repo),
            "columns": dict(sorted(self.columns.items())),
        }

    def read(self, language: str) -> Iterator[RawUtterance]:
        """The utterances in file order, audio still encoded, after a download of what is not
        here yet."""
        repository = find_repository(self.repo, self.revision)
        config = choose_config(language, list(repository.configs), self.configs, self.repo)
        root = repository.download(config)
        return Dataset(root, config, self.repo, repository.configs[config]).rows(self.columns)
