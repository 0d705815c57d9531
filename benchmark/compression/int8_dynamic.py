"""Linear layers computed with 8-bit integers, ranges of activations found at each call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from benchmark.compression.base import Compression, Step

if TYPE_CHECKING:
    from benchmark.compression.chain.subject import Subject


@dataclass(frozen=True)
class Int8Dynamic(Compression):
    """Compute linear layers with 8-bit integers; activations are measured at each call.

    Weights have a step per output channel. Convolutions stay in floating point: integers whose
    ranges are found at each call make them slower, not faster. Needs a runtime that computes with
    integers.
    """

    paper: ClassVar[str] = "https://onnxruntime.ai/docs/performance/model-optimizations"
    step: ClassVar[Step] = "code"

    def compress(self, subject: Subject) -> Subject:
        return replace(subject, arithmetic="int8_dynamic")
