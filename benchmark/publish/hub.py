"""Publishes to the Hugging Face Hub: a static Space or a dataset repository.

Everything is uploaded in one commit, so readers see either the previous site or the new one. The
token is read from the environment and only passed to huggingface_hub.
"""

from __future__ import annotations

import os
import re
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from benchmark.errors import DataError, UserError
from benchmark.publish.build import Publication
from benchmark.publish.card import write_card
from benchmark.publish.evaluation import write_evaluations

if TYPE_CHECKING:
    from huggingface_hub import CommitOperation

TOKEN = "HF_TOKEN"
KINDS: dict[str, Literal["space", "dataset"]] = {"spaces": "space", "datasets": "dataset"}


@dataclass(frozen=True)
class Target:
    """A repository on the Hub."""

    kind: Literal["space", "dataset"]
    name: str

    @classmethod
    def parse(cls, text: str) -> Target:
        """`hf://spaces/OWNER/NAME` or `hf://datasets/OWNER/NAME`. Raises UserError otherwise."""
        match = re.fullmatch(r"hf://(spaces|datasets)/([\w.-]+/[\w.-]+)", text)
        if not match:
            raise UserError(
                f"--to {text}: expected a folder, hf://spaces/OWNER/NAME or"
                " hf://datasets/OWNER/NAME"
            )
        return cls(KINDS[match[1]], match[2])

    @property
    def url(self) -> str:
        """The address of its page."""
        return f"{_endpoint()}/{self.kind}s/{self.name}"


def upload(publication: Publication, target: Target) -> str:
    """Publish and return the address of the page.

    Raises UserError without a token, DataError if the Hub refuses or cannot be reached. The
    repository is then unchanged, or empty if it is new.
    """
    token = os.environ.get(TOKEN)
    if not token:
        raise UserError(f"set {TOKEN} to a token of the Hub that may write to {target.name}")
    from huggingface_hub import HfApi
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        publication.write(folder)
        write_evaluations(folder, publication, target)
        write_card(folder, publication, target)
        api = HfApi(endpoint=_endpoint(), token=token)
        with _explained(target), warnings.catch_warnings():
            # A Space holds the data files of its site on purpose.
            warnings.filterwarnings("ignore", message=".*commit a data file")
            api.create_repo(
                target.name,
                repo_type=target.kind,
                exist_ok=True,
                space_sdk="static" if target.kind == "space" else None,
            )
            # upload_folder may need several commits.
            api.create_commit(
                target.name,
                _operations(folder, api.list_repo_files(target.name, repo_type=target.kind)),
                repo_type=target.kind,
                commit_message=f"Publish {publication.merged.name}: {len(publication.rows)} cells",
            )
    return target.url


def _operations(folder: Path, remote: list[str]) -> list[CommitOperation]:
    """Additions of all files of the folder, and deletions of all other files of the repository."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    files = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    obsolete = [name for name in remote if name not in files and name != ".gitattributes"]
    return [
        *(CommitOperationAdd(name, path) for name, path in sorted(files.items())),
        *(CommitOperationDelete(name) for name in obsolete),
    ]


def _endpoint() -> str:
    """The current `HF_ENDPOINT`; huggingface_hub only reads it at import."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


@contextmanager
def _explained(target: Target) -> Iterator[None]:
    """Turn exceptions of huggingface_hub into a DataError that says what to do.

    Their types depend on the version of huggingface_hub, so every exception is caught.
    """
    try:
        yield
    except Exception as error:
        status = getattr(getattr(error, "response", None), "status_code", None)
        raise DataError(f"{_advice(status, error, target)}\nNothing was published.") from None


def _advice(status: int | None, error: Exception, target: Target) -> str:
    if status == 401:
        return f"the Hub does not accept the token in {TOKEN}: it is wrong or has expired"
    if status == 403:
        return f"the token in {TOKEN} may not write to {target.kind} {target.name}"
    if status == 404:
        return f"the Hub has no {target.kind} {target.name} that this token may see"
    if status is not None:
        return f"the Hub answered {status} for {target.kind} {target.name}; try again later"
    reason = (str(error).splitlines() or [""])[0] or type(error).__name__
    reason = reason.replace(os.environ[TOKEN], "(token)")
    return f"{target.name} could not be written to {_endpoint()}: {reason}"
