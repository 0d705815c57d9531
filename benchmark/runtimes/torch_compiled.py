"""Compiled PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from benchmark.runtimes.torch import Torch

if TYPE_CHECKING:
    from benchmark.runtimes.running.recogniser import Recogniser


@dataclass(frozen=True)
class TorchCompiled(Torch):
    """PyTorch, compiled by TorchInductor, one utterance at a time; its file is that of `torch`.

    The first utterance takes seconds to minutes for compilation, which needs a C++ compiler.
    """

    paper: ClassVar[str] = "Ansel et al., ASPLOS 2024, https://doi.org/10.1145/3620665.3640366"

    def load(self, file: Path, device: str) -> Recogniser:
        from benchmark.runtimes.running.compiled import CompiledRecogniser

        return CompiledRecogniser.load(file, device)
