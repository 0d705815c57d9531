"""Checkpoints by what they hold: a folder by the digest of its weights, a repository by its commit.

Nothing but JSON and safetensors is ever read of a checkpoint, and nothing in it is executed.
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
"""A checkpoint named so is a folder, wherever it lies; see `folder.remembered`."""


@dataclass(frozen=True)
class Pinned:
    """A checkpoint by its content, and its `config.json`."""

    checkpoint: str
    revision: str
    config: Mapping[str, Any]


def is_pinned(checkpoint: str, revision: str) -> bool:
    """Whether this names content: whoever finds it has found the same weights."""
    return checkpoint.startswith(DIGEST) or COMMIT.fullmatch(revision) is not None


def pin(checkpoint: str, revision: str, beside: Path) -> Pinned:
    """The checkpoint in a folder, relative to `beside` or to where the command runs, or the model
    OWNER/NAME on the Hub.

    Raises UserError for a name that can be neither, DataError where it cannot be had or read.
    """
    from benchmark.models.checkpoints.folder import pin_folder
    from benchmark.models.checkpoints.hub import pin_model

    written = Path(checkpoint).expanduser()
    for folder in (beside / written, written):
        if folder.is_dir():
            return pin_folder(folder.resolve(), checkpoint)
    if re.fullmatch(r"\w[\w.-]*/[\w.-]+", checkpoint):
        return pin_model(checkpoint, revision)
    raise UserError(f"{checkpoint!r} is no folder, and no model OWNER/NAME on the Hub")


def fetch(checkpoint: str, revision: str) -> Path:
    """A folder that holds a pinned checkpoint. Raises DataError where it cannot be had."""
    from benchmark.models.checkpoints.folder import remembered
    from benchmark.models.checkpoints.hub import download

    if checkpoint.startswith(DIGEST):
        return remembered(checkpoint)
    return download(checkpoint, revision)


def weight_files(names: Collection[str], source: str, hint: str = "") -> list[str]:
    """The files, of all that a checkpoint has, that hold its weights. Raises DataError if none."""
    if "model.safetensors" in names:
        return ["model.safetensors"]
    if shards := sorted(name for name in names if SHARD.fullmatch(name)):
        return ["model.safetensors.index.json", *shards]
    pickles = any(name.endswith((".bin", ".pt", ".pth")) for name in names)
    only = ", only pickles, which are not read" if pickles else ""
    raise DataError(f"{source} has no model.safetensors{only}{hint}")
