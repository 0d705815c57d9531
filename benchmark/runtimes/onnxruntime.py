"""ONNX Runtime on a CPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from benchmark.runtimes.base import Runtime

if TYPE_CHECKING:
    from benchmark.compression.chain.subject import Arithmetic, Subject
    from benchmark.compression.storage.artefact import Header
    from benchmark.runtimes.running.recogniser import Recogniser


@dataclass(frozen=True)
class OnnxRuntime(Runtime):
    """ONNX Runtime on a CPU with the threads of torch, one utterance at a time; its file is ONNX.

    The file stores weights in 4, 8 and 16 bits, which become float32 when it is loaded. It also
    supports integer arithmetic: `int8_dynamic`, `int8_static`, `int8_mixed`.
    """

    paper: ClassVar[str] = "https://onnxruntime.ai"
    packages: ClassVar[Sequence[str]] = ("onnx", "onnxscript", "onnxruntime")
    extra: ClassVar[str] = "onnx"
    ending: ClassVar[str] = "onnx"

    def save(self, subject: Subject, header: Header, file: Path) -> None:
        from benchmark.runtimes.exporting.description import seal
        from benchmark.runtimes.exporting.file import onnx_bytes

        file.write_bytes(seal(onnx_bytes(subject, header)))

    def load(self, file: Path, device: str) -> Recogniser:
        from benchmark.runtimes.running.onnx_session import load

        return load(file, self.options)

    def header_bytes(self, file: Path) -> int:
        import onnx

        weights = onnx.load(file).graph.initializer
        return file.stat().st_size - sum(len(tensor.raw_data) for tensor in weights)

    def options(self, arithmetic: Arithmetic) -> dict[str, str]:
        options = {
            "session.intra_op.allow_spinning": "0",
            "session.inter_op.allow_spinning": "0",
            "session.set_denormal_as_zero": "1",
        }
        if arithmetic == "float":
            # Weights are decoded once, when the file is loaded, not at each call.
            options["session.disable_quant_qdq"] = "1"
        return options
