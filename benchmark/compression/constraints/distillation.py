"""A student that learns from what a teacher says."""

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
    """Train `learning.network` in place, until the budget is spent to the last.

    A step takes half of its utterances from the support set and half from `unlabelled`, if there
    is that. Its loss is the mean divergence from the teacher over all of them, and the mean loss
    against the texts of those from the support set. Raises Unsupported where teacher and student
    have frames of different lengths, and Diverged.
    """
    student, budget = learning.network, learning.budget
    student.train()
    stepper = Stepper(learning.optimizer, student.parameters(), budget.steps(batch_size))
    while budget.left:
        size = min(batch_size, budget.left)
        known = size if unlabelled is None else -(-size // 2)
        known = min(known, len(learning.support))
        rest = 0 if unlabelled is None else min(size - known, len(unlabelled))
        batch = learning.support.batch(known)
        encoded = learning.encode(batch)
        apart = divergence(_scores(student, encoded), _said(teacher, batch), temperature)
        stepper.backward(learning.loss(batch, encoded=encoded) + apart * (known / (known + rest)))
        if unlabelled is not None and rest:
            batch = unlabelled.batch(rest)
            budget.spend(len(batch))
            heard = _scores(student, learning.encode(batch))
            apart = divergence(heard, _said(teacher, batch), temperature)
            stepper.backward(apart * (rest / (known + rest)))
        stepper.step()
        learning.finish_step()


def divergence(student: Encoded, teacher: Encoded, temperature: float) -> Tensor:
    """How far the student's posteriors are from the teacher's, a scalar.

    Kullback-Leibler divergence of softened posteriors, a mean over the real frames of each
    utterance and then over utterances; times the squared temperature, so that gradients have the
    same size at any (Hinton et al. 2015, section 2).
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
    apart: Tensor = means.mean() * temperature**2
    if not torch.isfinite(apart):
        raise Diverged(f"the divergence from the teacher became {apart.item()}")
    return apart


def _scores(network: SpeechNetwork, encoded: Encoded) -> Encoded:
    return Encoded(network.output(encoded.frames.to(network.output.weight)), encoded.lengths)


@torch.no_grad()
def _said(teacher: SpeechNetwork, batch: Batch) -> Encoded:
    return teacher.scores(batch)
