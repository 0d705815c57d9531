"""Fine-tuning after compression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from benchmark.compression.base import Compression

if TYPE_CHECKING:
    from benchmark.compression.chain.subject import Subject


@dataclass(frozen=True)
class Refit(Compression):
    """Fine-tune on the support set, with a budget of `gradients` utterance-gradients.

    It preserves what the chain has done: zeros stay zero and weights stored as codes are frozen
    while the others are trained. After techniques that change layers, all weights are trained. It
    uses the optimizer of adaptation. `prune70+refit+int8` and `prune70+int8` are different
    settings.
    """

    gradients: Annotated[int, Field(ge=1)] = 480
    batch_size: Annotated[int, Field(ge=1)] = 8

    @property
    def needs_speech(self) -> bool:
        return True

    def compress(self, subject: Subject) -> Subject:
        from benchmark.compression.constraints.constrained import constrained
        from benchmark.compression.constraints.preserve import preserving_constraints
        from benchmark.compression.storage.weight import weights_of
        from benchmark.methods.learning.adaptation import fine_tune

        network = subject.network()
        adaptation = subject.speech("refit").adaptation(network, self.gradients)
        with constrained(preserving_constraints(subject.weights), adaptation) as limited:
            fine_tune(limited, self.batch_size)
        learnt = weights_of(network.state_dict())
        return subject.with_values({name: weight.values for name, weight in learnt.items()})
