"""PyTorch in eager mode: the runtime of training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from benchmark.errors import Unsupported
from benchmark.runtimes.base import Runtime

if TYPE_CHECKING:
    from benchmark.compression.chain.subject import Subject
    from benchmark.compression.storage.artefact import Header
    from benchmark.runtimes.running.recogniser import Recogniser


@dataclass(frozen=True)
class Torch(Runtime):
    """PyTorch in eager mode, in float32; its file is packed safetensors."""

    on_gpu: ClassVar[bool] = True
    own_file: ClassVar[bool] = False

    def save(self, subject: Subject, header: Header, file: Path) -> None:
        from benchmark.compression.storage.artefact import save_artefact

        if subject.arithmetic != "float":
            raise Unsupported(
                f"{subject.arithmetic}: torch computes in floating point here; use onnxruntime"
                " for integers"
            )
        save_artefact(file, subject.weights, header)

    def header_bytes(self, file: Path) -> int | None:
        from benchmark.compression.storage.artefact import header_bytes

        return header_bytes(file)

    def load(self, file: Path, device: str) -> Recogniser:
        from benchmark.runtimes.running.eager import TorchRecogniser

        return TorchRecogniser.load(file, device)
