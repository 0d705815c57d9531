"""OpenVINO on a CPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from benchmark.errors import Unsupported
from benchmark.runtimes.base import Runtime

if TYPE_CHECKING:
    from benchmark.compression.chain.subject import Arithmetic, Subject
    from benchmark.compression.storage.artefact import Header
    from benchmark.runtimes.running.recogniser import Recogniser


@dataclass(frozen=True)
class OpenVino(Runtime):
    """OpenVINO on a CPU with the threads of torch, one utterance at a time; `.xml` and `.bin`.

    It computes in float32 unless `precision` is `bf16`, which is two to three times as fast on
    processors with AMX. OpenVINO's own default silently uses bf16 if the processor supports it.
    """

    paper: ClassVar[str] = "https://docs.openvino.ai"
    packages: ClassVar[Sequence[str]] = ("onnx", "onnxscript", "onnxruntime", "openvino")
    extra: ClassVar[str] = "openvino"
    ending: ClassVar[str] = "xml"

    precision: Literal["f32", "bf16"] = "f32"

    def save(self, subject: Subject, header: Header, file: Path) -> None:
        from benchmark.runtimes.exporting.openvino_files import save

        if subject.arithmetic not in ("float", "int8_static"):
            raise Unsupported(
                f"{subject.arithmetic}: OpenVINO would emulate ranges computed at each call, slower"
                " than floating point; use onnxruntime"
            )
        save(subject, header, file)

    def load(self, file: Path, device: str) -> Recogniser:
        from benchmark.runtimes.running.openvino_model import load

        return load(file, self.options)

    def header_bytes(self, file: Path) -> int:
        return file.stat().st_size

    def options(self, arithmetic: Arithmetic) -> dict[str, str]:
        return {
            "INFERENCE_PRECISION_HINT": self.precision,
            "INFERENCE_NUM_THREADS": "1",
            "NUM_STREAMS": "1",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0",
        }
