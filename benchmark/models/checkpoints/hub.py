"""A checkpoint on the Hugging Face Hub: one commit of a model repository.

The commit of a revision is looked up once and cached. So a suite stays on its commit, and plans and
runs without network once the files are downloaded.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote

from benchmark.cache import cache_folder
from benchmark.data.corpora.layout.memory import recall, remember
from benchmark.errors import DataError
from benchmark.hub import endpoint, explained
from benchmark.models.checkpoints.pin import CONFIG, Pinned, weight_files


def pin_model(name: str, revision: str) -> Pinned:
    """The commit of `revision` (branch, tag or commit) of OWNER/NAME when it was first looked up.

    Raises DataError if the Hub cannot be reached or refuses, and for a model without supported
    weights.
    """
    file = f"{name.replace('/', '--')}@{quote(revision, safe='')}.json"
    memory = cache_folder() / "hub" / "models" / file
    if cached := recall(memory):
        return Pinned(**cached)
    with explained(name, revision, "model"):
        pinned = _ask(name, revision)
    remember(memory, asdict(pinned))
    return pinned


def download(name: str, commit: str) -> Path:
    """A folder with the configuration and weights of a commit, downloaded if necessary.

    Raises DataError if they cannot be downloaded.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    with explained(name, commit, "model"):
        folder = snapshot_download(
            name,
            revision=commit,
            cache_dir=cache_folder() / "hub",
            allow_patterns=[CONFIG, "model*.safetensors", "model.safetensors.index.json"],
            endpoint=endpoint(),
        )
    return Path(folder).resolve()


def _ask(name: str, revision: str) -> Pinned:
    from huggingface_hub import HfApi, hf_hub_download

    info = HfApi(endpoint=endpoint()).model_info(name, revision=revision, timeout=10)
    files = {file.rfilename for file in info.siblings or []}
    hint = "; a branch of the Hub that has it can be named: `revision: refs/pr/N`"
    weight_files(files, f"{name} on the Hub", hint)
    if CONFIG not in files:
        raise DataError(f"{name} on the Hub has no {CONFIG}")
    path = hf_hub_download(
        name, CONFIG, revision=info.sha, cache_dir=cache_folder() / "hub", endpoint=endpoint()
    )
    return Pinned(name, str(info.sha), json.loads(Path(path).read_text(encoding="utf-8")))
