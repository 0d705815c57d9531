"""Speech in a local folder that has the layout of a Hub dataset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark.data.corpora.base import Corpus, RawUtterance
from benchmark.data.corpora.layout.configs import choose_config
from benchmark.data.corpora.layout.dataset import Dataset, local_configs
from benchmark.data.corpora.layout.digests import content_digest
from benchmark.errors import DataError


@dataclass(frozen=True)
class Folder(Corpus):
    """A folder whose dataset card names a config per language, or with a folder per language.

    columns  role (audio, text, speaker, id) -> column, for those without a usual name
    configs  language -> config, for those not named after their language
    """

    path: str
    columns: dict[str, str] = field(default_factory=dict)
    configs: dict[str, str] = field(default_factory=dict)

    def identity(self, language: str) -> dict[str, Any]:
        """The digest of the language's files: the same data elsewhere is the same corpus."""
        dataset = self._dataset(language)
        return {
            "content": content_digest(dataset.files, dataset.root),
            "config": dataset.config,
            "columns": dict(sorted(self.columns.items())),
        }

    def read(self, language: str) -> Iterator[RawUtterance]:
        """The utterances in file order, audio still encoded."""
        return self._dataset(language).rows(self.columns)

    def _dataset(self, language: str) -> Dataset:
        root = Path(self.path).expanduser().resolve()
        if not root.is_dir():
            raise DataError(f"{self.path} is not a folder")
        configs = local_configs(root, self.path)
        config = choose_config(language, list(configs), self.configs, self.path)
        return Dataset(root, config, self.path, configs[config])
