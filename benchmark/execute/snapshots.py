"""Weights that adaptation passed through, kept beside its result until they were transcribed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
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


def read(folder: Path, step: int) -> dict[str, Tensor]:
    """The weights that a stage kept at a step."""
    weights: dict[str, Tensor] = load_file(folder / FOLDER / f"{step}.safetensors")
    return weights


def drop(folder: Path) -> None:
    """Delete what a stage kept."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
