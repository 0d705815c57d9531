"""A dataset repository on the Hub: one pinned commit, and the files of one config of it.

Which commit a revision is, and which configs that commit has, is asked once and remembered: a
suite stays on its commit, and plans and runs without network once its files are here. Nothing
from the repository is executed.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from benchmark.cache import cache_folder
from benchmark.data.corpora.layout.card import declared_configs, patterns
from benchmark.data.corpora.layout.configs import Selection, folder_configs
from benchmark.data.corpora.layout.memory import recall, remember
from benchmark.errors import DataError
from benchmark.hub import endpoint, explained


@dataclass(frozen=True)
class Repository:
    """A commit of a dataset repository, with the selection of files of each config."""

    name: str
    sha: str
    configs: dict[str, Selection]

    def download(self, config: str) -> Path:
        """The folder of a snapshot that holds at least the files of `config`.

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
                allow_patterns=patterns(self.configs[config]),
                endpoint=endpoint(),
            )
        return Path(folder).resolve()


def find_repository(name: str, revision: str) -> Repository:
    """The commit that `revision` (branch, tag or commit) of OWNER/NAME is or, if it was asked for
    before, then was.

    Raises DataError when the name is none, or the Hub cannot be reached or refuses.
    """
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise DataError(f"{name!r} is no dataset on the Hub; hub:OWNER/NAME is meant")
    file_name = f"{name.replace('/', '--')}@{quote(revision, safe='')}.json"
    memory = cache_folder() / "hub" / "commits" / file_name
    if known := recall(memory):
        return Repository(**known)
    with explained(name, revision, "dataset"):
        repository = _ask(name, revision)
    remember(memory, asdict(repository))
    return repository


def _ask(name: str, revision: str) -> Repository:
    from huggingface_hub import DatasetCard, HfApi, hf_hub_download

    info = HfApi(endpoint=endpoint()).dataset_info(name, revision=revision, timeout=10)
    files = [file.rfilename for file in info.siblings or []]
    configs: dict[str, Selection] = {}
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
        declared = DatasetCard.load(card, ignore_metadata_errors=True).data.to_dict()
        configs = declared_configs(declared.get("configs") or [])
    if not configs and f"{name.split('/')[1]}.py" in files:
        raise DataError(
            f"{name} is read by a loading script, and no code from the Hub is run here.\n"
            "Parquet files that the Hub made of it may be there: `revision: refs/convert/parquet`."
        )
    return Repository(name, str(info.sha), configs or folder_configs(_top_folders(files)))


def _top_folders(files: list[str]) -> list[str]:
    return sorted({file.split("/")[0] for file in files if "/" in file})
