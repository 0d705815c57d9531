"""Linear layers and convolutions in 8-bit integer arithmetic, calibrated on the support set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.compression.base import Compression, Step

if TYPE_CHECKING:
    from benchmark.compression.chain.subject import Subject


@dataclass(frozen=True)
class Int8Static(Compression):
    """Compute linear layers and convolutions with 8-bit integers and static activation ranges.

    The ranges are the smallest and largest values on `utterances` of the support set; one utterance
    is nearly as good as many. Weights have a step per output channel. It needs a runtime with
    integer arithmetic.
    """

    paper: ClassVar[str] = "Jacob et al., CVPR 2018, arXiv 1712.05877"
    step: ClassVar[Step] = "code"
    needs_speech: ClassVar[bool] = True

    utterances: Annotated[int, Field(ge=1)] = 24

    def compress(self, subject: Subject) -> Subject:
        speech = subject.speech("int8_static").utterances(self.utterances)
        return replace(subject, arithmetic="int8_static", calibration=speech)
