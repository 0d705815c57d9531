"""Distillation into a smaller network of the same family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from benchmark.compression.base import Compression, Step
from benchmark.errors import Unsupported, UserError

if TYPE_CHECKING:
    from benchmark.compression.chain.subject import Subject
    from benchmark.compression.structure.architecture import Architecture


@dataclass(frozen=True)
class Distil(Compression):
    """Train a smaller student from random weights to imitate the network.

    `student` gives the settings in which its model differs: `{name: distil, student: {channels:
    72, blocks: 2}}`. The student learns the teacher's frame-wise posteriors (softened by
    `temperature`) on the support set and on the language's other training speech, without its
    transcripts, and it learns the transcripts of the support set. `gradients` is its budget in
    utterance-gradients. Half of each batch of `batch_size` is from the support set.
    """

    paper: ClassVar[str] = "Hinton, Vinyals and Dean 2015, https://arxiv.org/abs/1503.02531"
    step: ClassVar[Step] = "structure"

    student: dict[str, Any]
    gradients: Annotated[int, Field(ge=1)] = 2000
    temperature: Annotated[float, Field(gt=0)] = 2.0
    batch_size: Annotated[int, Field(ge=2)] = 8

    @property
    def needs_speech(self) -> bool:
        return True

    def compress(self, subject: Subject) -> Subject:
        from benchmark.compression.constraints.distillation import distil

        architecture = self._smaller(subject)
        support = subject.speech("distil")
        student = architecture.build()
        learning = support.adaptation(student, self.gradients)
        teacher = subject.network().to(support.device)
        distil(learning, teacher, support.unlabelled, self.temperature, self.batch_size)
        return subject.rebuilt(architecture, student)

    def _smaller(self, subject: Subject) -> Architecture:
        """The student's architecture. Raises Unsupported if it is not smaller than the
        teacher's."""
        from dataclasses import replace

        teacher = subject.architecture
        settings = {**teacher.settings, **self.student}
        architecture = replace(teacher, settings=settings, edits=())
        try:
            student = architecture.build()
        except UserError as error:
            raise Unsupported(f"distil: no such student: {error}") from None
        size = sum(p.numel() for p in student.parameters())
        largest = sum(weight.values.numel() for weight in subject.weights.values())
        if size >= largest:
            raise Unsupported(
                f"distil: a student of {size:,} parameters is not smaller than its teacher, which"
                f" has {largest:,}"
            )
        return architecture
