"""8-bit integer arithmetic with the best kind of activation ranges for each kind of layer."""

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

    Static ranges make convolutions fast. Ranges computed at each call take linear layers little
    time and lose less accuracy.
    """

    step: ClassVar[Step] = "code"
    needs_speech: ClassVar[bool] = True

    utterances: Annotated[int, Field(ge=1)] = 24

    def compress(self, subject: Subject) -> Subject:
        speech = subject.speech("int8_mixed").utterances(self.utterances)
        return replace(subject, arithmetic="int8_mixed", calibration=speech)
