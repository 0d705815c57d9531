"""A dataset repository on the Hub: one pinned commit, and its files.

Which commit a revision is, and what that commit holds, is asked once and remembered: a suite stays
on its commit, and plans and runs without network once its files are here. Nothing from the
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
        """The folder of a snapshot that holds at least `files`.

        Raises DataError when the Hub cannot give them.
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
    """Patterns of these files: one for each folder of which all are wanted, since each pattern is
    held against each file of the repository."""
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
    """The commit that `revision` (branch, tag or commit) of OWNER/NAME is or, if it was asked for
    before, then was.

    Raises DataError when the name is none, or the Hub cannot be reached or refuses.
    """
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise DataError(f"{name!r} is no dataset on the Hub; hub:OWNER/NAME is meant")
    file_name = f"{name.replace('/', '--')}@{quote(revision, safe='')}.json"
    memory = cache_folder() / "hub" / "commits" / file_name
    known = recall(memory)
    if "files" in known:
        return _remembered(known)
    with explained(name, revision, "dataset"):
        # Of a commit that was remembered without its files, those of that commit.
        repository = _ask(name, str(known.get("sha", revision)))
    remember(memory, asdict(repository))
    return repository


def _remembered(known: dict[str, Any]) -> Repository:
    declared = {name: Config(**config) for name, config in known["declared"].items()}
    return Repository(known["name"], known["sha"], tuple(known["files"]), declared)


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
            # Apart from the data: a card that names files which are not here would spoil the
            # reading of those that are.
            cache_dir=cache_folder() / "hub" / "cards",
            endpoint=endpoint(),
        )
        declared = declared_configs(Path(card).read_text(encoding="utf-8", errors="replace"), name)
    if not declared and f"{name.split('/')[1]}.py" in files:
        raise DataError(
            f"{name} is read by a loading script, and no code from the Hub is run here.\n"
            "Parquet files that the Hub made of it may be there: `revision: refs/convert/parquet`."
        )
    return Repository(name, str(info.sha), tuple(files), declared)
