"""A dataset repository on the Hub: one pinned commit, and the files of one config of it.

Which commit a revision is, and which configs that commit has, is asked once and remembered: a
suite stays on its commit, and plans and runs without network once its files are here. Nothing
from the repository is executed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from benchmark.cache import cache_folder
from benchmark.data.corpora.layout.card import declared_configs, patterns
from benchmark.data.corpora.layout.configs import Selection, folder_configs
from benchmark.data.corpora.layout.memory import recall, remember
from benchmark.errors import DataError


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
        with _explained(self.name, self.sha):
            folder = snapshot_download(
                self.name,
                repo_type="dataset",
                revision=self.sha,
                cache_dir=cache_folder() / "hub",
                allow_patterns=patterns(self.configs[config]),
                endpoint=_endpoint(),
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
    with _explained(name, revision):
        repository = _ask(name, revision)
    remember(memory, asdict(repository))
    return repository


def _ask(name: str, revision: str) -> Repository:
    from huggingface_hub import DatasetCard, HfApi, hf_hub_download

    info = HfApi(endpoint=_endpoint()).dataset_info(name, revision=revision, timeout=10)
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
            endpoint=_endpoint(),
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


def _endpoint() -> str | None:
    """`HF_ENDPOINT` as it is now; huggingface_hub reads it only when it is imported."""
    return os.environ.get("HF_ENDPOINT")


@contextmanager
def _explained(name: str, revision: str) -> Iterator[None]:
    """Turn what huggingface_hub raises into a DataError that says what to do."""
    from huggingface_hub import errors

    try:
        yield
    except DataError:
        raise
    except Exception as error:
        # A snapshot that fails reports what is missing here, and as its cause, why.
        cause = error.__cause__ if isinstance(error, errors.LocalEntryNotFoundError) else None
        raise DataError(_advice(cause or error, name, revision)) from error


def _advice(error: BaseException, name: str, revision: str) -> str:
    from huggingface_hub import errors

    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    if isinstance(error, errors.GatedRepoError) or status == 403:
        return (
            f"{name} on the Hub is not open to you: accept its terms at "
            f"https://huggingface.co/datasets/{name}, then log in with `hf auth login`"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{name} on the Hub has no revision {revision!r}"
    if isinstance(error, errors.RepositoryNotFoundError) or status == 401:
        return (
            f"the Hub has no dataset {name}, or it is private: check the name, or log in with "
            "`hf auth login`"
        )
    if status is not None:
        return f"the Hub answered {status} for {name}; try again later"
    reason = (str(error).splitlines() or [""])[0] or type(error).__name__
    return (
        f"{name} cannot be had from the Hub ({_endpoint() or 'https://huggingface.co'}): {reason}\n"
        "Connect and run again, or give a folder that holds the dataset as `source`."
    )
