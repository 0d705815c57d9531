"""PyTorch with its compiler."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from benchmark.runtimes.torch import Torch

if TYPE_CHECKING:
    from benchmark.measure.recognise import Recogniser


@dataclass(frozen=True)
class TorchCompiled(Torch):
    """PyTorch, compiled by TorchInductor for any length; the file is that of `torch`.

    Compilation takes seconds to minutes at the first utterance and needs a C++ compiler.
    """

    paper: ClassVar[str] = "Ansel et al., ASPLOS 2024, https://doi.org/10.1145/3620665.3640366"

    def load(self, file: Path, device: str) -> Recogniser:
        import torch

        from benchmark.runtimes.running.eager import TorchRecogniser

        recogniser = TorchRecogniser.load(file, device)
        compiled = torch.compile(recogniser.network.scores, dynamic=True)
        cast(Any, recogniser.network).scores = compiled
        return recogniser
