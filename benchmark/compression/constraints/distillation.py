"""Knowledge distillation: a student network learns from the scores of a teacher."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from benchmark.data.batch import Batch
from benchmark.data.task import Task
from benchmark.errors import Diverged, Unsupported
from benchmark.methods.learning.adaptation import Adaptation
from benchmark.models.networks.base import Encoded, SpeechNetwork
from benchmark.models.networks.frames import frame_mask
from benchmark.optimizers.stepping.stepper import Stepper


def distil(
    learning: Adaptation,
    teacher: SpeechNetwork,
    unlabelled: Task | None,
    temperature: float,
    batch_size: int,
) -> None:
    """Train `learning.network` in place until the whole budget is spent.

    A step takes half of its utterances from the support set and half from `unlabelled`, if given.
    The loss of a step has two terms: the mean divergence from the teacher over all utterances, and
    the mean loss against the transcripts of the support utterances. Raises Unsupported if teacher
    and student have different frame rates, and Diverged.
    """
    student, budget = learning.network, learning.budget
    student.train()
    stepper = Stepper(learning.optimizer, student.parameters(), budget.steps(batch_size))
    while budget.left:
        size = min(batch_size, budget.left)
        labelled = size if unlabelled is None else -(-size // 2)
        labelled = min(labelled, len(learning.support))
        rest = 0 if unlabelled is None else min(size - labelled, len(unlabelled))
        batch = learning.support.batch(labelled)
        encoded = learning.encode(batch)
        distance = divergence(
            _scores(student, encoded), _teacher_scores(teacher, batch), temperature
        )
        stepper.backward(
            learning.loss(batch, encoded=encoded) + distance * (labelled / (labelled + rest))
        )
        if unlabelled is not None and rest:
            batch = unlabelled.batch(rest)
            budget.spend(len(batch))
            scores = _scores(student, learning.encode(batch))
            distance = divergence(scores, _teacher_scores(teacher, batch), temperature)
            stepper.backward(distance * (rest / (labelled + rest)))
        stepper.step()
        learning.finish_step()


def divergence(student: Encoded, teacher: Encoded, temperature: float) -> Tensor:
    """Kullback-Leibler divergence of the student's softened posteriors from the teacher's, a
    scalar.

    It is averaged over the real frames of each utterance, then over utterances. The factor
    temperature squared keeps the size of gradients independent of the temperature (Hinton et al.
    2015, section 2).
    """
    if not torch.equal(student.lengths, teacher.lengths):
        raise Unsupported(
            f"distil: the student makes {student.lengths[0]} frames of an utterance and its"
            f" teacher {teacher.lengths[0]}; their strides must be the same"
        )
    ours = (student.frames.float() / temperature).log_softmax(-1)
    theirs = (teacher.frames.float() / temperature).log_softmax(-1)
    frames = functional.kl_div(ours, theirs, reduction="none", log_target=True).sum(-1)
    real = frame_mask(student.lengths, frames.shape[1])[:, :, 0]
    means = (frames * real).sum(1) / student.lengths
    distance: Tensor = means.mean() * temperature**2
    if not torch.isfinite(distance):
        raise Diverged(f"the divergence from the teacher became {distance.item()}")
    return distance


def _scores(network: SpeechNetwork, encoded: Encoded) -> Encoded:
    return Encoded(network.output(encoded.frames.to(network.output.weight)), encoded.lengths)


@torch.no_grad()
def _teacher_scores(teacher: SpeechNetwork, batch: Batch) -> Encoded:
    return teacher.scores(batch)
