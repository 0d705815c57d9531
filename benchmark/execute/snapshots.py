"""Weights that adaptation passed through, kept beside its result until they were transcribed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor

FOLDER = "snapshots"


def keeper(folder: Path) -> Callable[[int, Mapping[str, Tensor]], None]:
    """A function that keeps weights, given the step they were reached at, in a stage's folder."""
    (folder / FOLDER).mkdir()

    def keep(step: int, weights: Mapping[str, Tensor]) -> None:
        state = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
        save_file(state, folder / FOLDER / f"{step}.safetensors")

    return keep


def steps(folder: Path) -> list[int]:
    """The steps whose weights a stage kept, in order."""
    return sorted(int(path.stem) for path in (folder / FOLDER).glob("*.safetensors"))


def lost(folder: Path, files: Iterable[str]) -> bool:
    """Whether any snapshot among the files that a stage wrote is gone, or all of them are."""
    written = [name for name in files if name.startswith(f"{FOLDER}/")]
    return not (folder / FOLDER).is_dir() or not all((folder / name).exists() for name in written)


def read(folder: Path, step: int) -> dict[str, Tensor]:
    """The weights that a stage kept at a step."""
    weights: dict[str, Tensor] = load_file(folder / FOLDER / f"{step}.safetensors")
    return weights


def drop(folder: Path) -> None:
    """Delete what a stage kept."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
