"""A dataset repository on the Hub: one pinned commit, and its files.

The commit of a revision and its list of files are looked up once and cached. So a suite stays on
its commit, and plans and runs without network once its files are downloaded. Nothing from the
repository is executed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmark.cache import cache_folder
from benchmark.data.corpora.layout.card import Config, declared_configs
from benchmark.data.corpora.layout.memory import recall, remember
from benchmark.errors import DataError
from benchmark.hub import endpoint, explained


@dataclass(frozen=True)
class Repository:
    """A commit of a dataset repository: its files, and the configs that its card declares."""

    name: str
    sha: str
    files: tuple[str, ...]
    declared: dict[str, Config]

    def download(self, files: Collection[str]) -> Path:
        """The folder of a snapshot with at least `files`.

        Raises DataError if they cannot be downloaded.
        """
        from huggingface_hub import snapshot_download
        from huggingface_hub.utils.tqdm import disable_progress_bars

        disable_progress_bars()
        with explained(self.name, self.sha, "dataset"):
            folder = snapshot_download(
                self.name,
                repo_type="dataset",
                revision=self.sha,
                cache_dir=cache_folder() / "hub",
                allow_patterns=list(_patterns(files, self.files)),
                endpoint=endpoint(),
            )
        return Path(folder).resolve()


def _patterns(files: Collection[str], all_files: Collection[str]) -> Iterator[str]:
    """Patterns of these files: a single one for a folder of which all files are needed, because
    every pattern is compared with every file of the repository."""
    wanted = set(files)
    partly = {posixpath.dirname(file) for file in all_files if file not in wanted}
    above = {folder[:i] for folder in partly for i, char in enumerate(folder) if char == "/"}
    whole = {posixpath.dirname(file) for file in wanted} - partly - above - {""}
    for folder in sorted(whole):
        yield f"{_literal(folder)}/*"
    for file in sorted(wanted):
        if posixpath.dirname(file) not in whole:
            yield _literal(file)


def _literal(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)


def find_repository(name: str, revision: str) -> Repository:
    """The commit of `revision` (branch, tag or commit) of OWNER/NAME when it was first looked up.

    Raises DataError if the name is invalid, or the Hub cannot be reached or refuses.
    """
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise DataError(f"{name!r} is not a dataset on the Hub; write hub:OWNER/NAME")
    file_name = f"{name.replace('/', '--')}@{quote(revision, safe='')}.json"
    memory = cache_folder() / "hub" / "commits" / file_name
    cached = recall(memory)
    if "files" in cached:
        return _remembered(cached)
    with explained(name, revision, "dataset"):
        # If the cache has the commit without its files, the files of that commit are listed.
        repository = _ask(name, str(cached.get("sha", revision)))
    remember(memory, asdict(repository))
    return repository


def _remembered(cached: dict[str, Any]) -> Repository:
    declared = {name: Config(**config) for name, config in cached["declared"].items()}
    return Repository(cached["name"], cached["sha"], tuple(cached["files"]), declared)


def _ask(name: str, revision: str) -> Repository:
    from huggingface_hub import HfApi, hf_hub_download

    info = HfApi(endpoint=endpoint()).dataset_info(name, revision=revision, timeout=10)
    files = [file.rfilename for file in info.siblings or []]
    declared: dict[str, Config] = {}
    if "README.md" in files:
        card = hf_hub_download(
            name,
            "README.md",
            repo_type="dataset",
            revision=info.sha,
            # The card is separate from the data, so that names of absent files in it do not
            # disturb reading the others.
            cache_dir=cache_folder() / "hub" / "cards",
            endpoint=endpoint(),
        )
        declared = declared_configs(Path(card).read_text(encoding="utf-8", errors="replace"), name)
    if not declared and f"{name.split('/')[1]}.py" in files:
        raise DataError(
            f"{name} is read by a loading script, and no code from the Hub is run here.\n"
            "The Hub may have converted it to Parquet: try `revision: refs/convert/parquet`."
        )
    return Repository(name, str(info.sha), tuple(files), declared)
