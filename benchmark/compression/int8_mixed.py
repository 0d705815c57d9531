"""8-bit integers with the ranges that serve each kind of layer best."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.compression.base import Compression, Step

if TYPE_CHECKING:
    from benchmark.compression.chain.subject import Subject


@dataclass(frozen=True)
class Int8Mixed(Compression):
    """Compute convolutions as `int8_static` and linear layers as `int8_dynamic`.

    Fixed ranges make convolutions quick; ranges found at each call cost linear layers little and
    lose less.
    """

    step: ClassVar[Step] = "code"
    needs_speech: ClassVar[bool] = True

    utterances: Annotated[int, Field(ge=1)] = 24

    def compress(self, subject: Subject) -> Subject:
        speech = subject.speech("int8_mixed").utterances(self.utterances)
        return replace(subject, arithmetic="int8_mixed", calibration=speech)
