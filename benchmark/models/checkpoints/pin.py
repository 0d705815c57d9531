"""Checkpoints by content: a folder by the digest of its weights, a repository by its commit.

Only JSON and safetensors are read from a checkpoint, and nothing in it is executed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.errors import DataError, UserError

CONFIG = "config.json"
SHARD = re.compile(r"model-\d+-of-\d+\.safetensors")
COMMIT = re.compile(r"[0-9a-f]{40}")
DIGEST = "sha256:"
"""A checkpoint of this form is a folder in any location; see `folder.remembered`."""


@dataclass(frozen=True)
class Pinned:
    """A checkpoint identified by content, and its `config.json`."""

    checkpoint: str
    revision: str
    config: Mapping[str, Any]


def is_pinned(checkpoint: str, revision: str) -> bool:
    """Whether this identifies content, so that it always means the same weights."""
    return checkpoint.startswith(DIGEST) or COMMIT.fullmatch(revision) is not None


def pin(checkpoint: str, revision: str, beside: Path) -> Pinned:
    """The checkpoint in a folder, relative to `beside` or to the working directory, or the model
    OWNER/NAME on the Hub.

    Raises UserError for a name that is neither, DataError if it cannot be downloaded or read.
    """
    from benchmark.models.checkpoints.folder import pin_folder
    from benchmark.models.checkpoints.hub import pin_model

    written = Path(checkpoint).expanduser()
    for folder in (beside / written, written):
        if folder.is_dir():
            return pin_folder(folder.resolve(), checkpoint)
    if re.fullmatch(r"\w[\w.-]*/[\w.-]+", checkpoint):
        return pin_model(checkpoint, revision)
    raise UserError(f"{checkpoint!r} is neither a folder nor a model OWNER/NAME on the Hub")


def fetch(checkpoint: str, revision: str) -> Path:
    """A folder with a pinned checkpoint. Raises DataError if it is not available."""
    from benchmark.models.checkpoints.folder import remembered
    from benchmark.models.checkpoints.hub import download

    if checkpoint.startswith(DIGEST):
        return remembered(checkpoint)
    return download(checkpoint, revision)


def weight_files(names: Collection[str], source: str, hint: str = "") -> list[str]:
    """The files of a checkpoint that hold its weights. Raises DataError if there are none."""
    if "model.safetensors" in names:
        return ["model.safetensors"]
    if shards := sorted(name for name in names if SHARD.fullmatch(name)):
        return ["model.safetensors.index.json", *shards]
    pickles = any(name.endswith((".bin", ".pt", ".pth")) for name in names)
    only = ", only pickles, which are not read" if pickles else ""
    raise DataError(f"{source} has no model.safetensors{only}{hint}")
