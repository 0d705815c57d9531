"""A checkpoint in a folder, as `save_pretrained` of transformers writes it.

Its weights are identified by their digest. The cache folder stores where a digest was last seen, so
that a stage can find weights that its identity names only by content.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmark.cache import cache_folder
from benchmark.data.corpora.layout.digests import content_digest
from benchmark.data.corpora.layout.memory import recall, remember
from benchmark.errors import DataError
from benchmark.models.checkpoints.pin import CONFIG, DIGEST, Pinned, weight_files


def pin_folder(folder: Path, source: str) -> Pinned:
    """The checkpoint in `folder`; `source` is its name in messages.

    Raises DataError if a file is missing or damaged.
    """
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{source} is not a checkpoint: it has no {CONFIG}") from None
    except (OSError, ValueError) as error:
        raise DataError(f"{folder / CONFIG} cannot be read: {error}") from None
    files = _weights(folder, source)
    for file in files:
        _check(file)
    checkpoint = _digest(folder, files)
    remember(_memory(checkpoint), {"folder": str(folder)})
    return Pinned(checkpoint, "main", config)


def remembered(checkpoint: str) -> Path:
    """The folder that held these weights when a suite was last read.

    Raises DataError if it does not hold them now.
    """
    last_folder = recall(_memory(checkpoint)).get("folder")
    folder = Path(last_folder or "")
    if not last_folder or not folder.is_dir():
        raise DataError(
            f"the checkpoint {checkpoint[:19]} is not here"
            + (f": {folder} is gone" if last_folder else "")
            + "; plan a suite that names its folder"
        )
    if _digest(folder, _weights(folder, str(folder))) != checkpoint:
        raise DataError(f"{folder} no longer holds the checkpoint {checkpoint[:19]}; plan again")
    return folder


def _weights(folder: Path, source: str) -> list[Path]:
    names = {path.name for path in folder.iterdir() if path.is_file()}
    return [folder / name for name in weight_files(names, source)]


def _check(file: Path) -> None:
    """Raises DataError for a file that is truncated or not safetensors; reads only its header."""
    from safetensors import SafetensorError, safe_open

    if file.suffix != ".safetensors":
        return
    try:
        with safe_open(file, framework="numpy"):
            pass
    except (OSError, SafetensorError) as error:
        raise DataError(f"{file} is not a safetensors file, or damaged ({error})") from None


def _digest(folder: Path, files: list[Path]) -> str:
    return DIGEST + content_digest({"weights": files}, folder)


def _memory(checkpoint: str) -> Path:
    return cache_folder() / "checkpoints" / f"{checkpoint.removeprefix(DIGEST)}.json"
