"""Linear layers in 8-bit integer arithmetic, with activation ranges computed at each call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from benchmark.compression.base import Compression, Step

if TYPE_CHECKING:
    from benchmark.compression.chain.subject import Subject


@dataclass(frozen=True)
class Int8Dynamic(Compression):
    """Compute linear layers with 8-bit integers; activation ranges are computed at each call.

    Weights have a step per output channel. Convolutions stay in floating point, because computing
    ranges at each call would make them slower. It needs a runtime with integer arithmetic.
    """

    paper: ClassVar[str] = "https://onnxruntime.ai/docs/performance/model-optimizations"
    step: ClassVar[Step] = "code"

    def compress(self, subject: Subject) -> Subject:
        return replace(subject, arithmetic="int8_dynamic")
