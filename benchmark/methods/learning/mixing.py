"""Training on batches that mix several languages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from benchmark.data.batch import Batch
from benchmark.data.task import Task
from benchmark.methods.base import Sampling
from benchmark.methods.learning.sampler import Sampler, sampler
from benchmark.methods.learning.training import MetaTraining
from benchmark.optimizers.stepping.stepper import Stepper


class Part(NamedTuple):
    """The part of a mixed batch that comes from one language."""

    task: Task
    batch: Batch


def train_jointly(
    training: MetaTraining,
    sampling: Sampling,
    batch_size: int,
    loss_of: Callable[[Part], Tensor] | None = None,
) -> None:
    """Spend the whole budget on mixed batches, in place.

    If `loss_of` defines the loss of a part, or the sampler needs the loss of each language, the
    batch is processed language by language: the gradient is the same, but slower to compute. All of
    `training.learnt` is trained too. Raises Diverged.
    """
    training.network.train()
    budget, languages = training.budget, sampler(sampling, training)
    parameters = {**training.parameters(), **training.learnt}
    stepper = Stepper(training.outer, parameters.values(), budget.steps(batch_size))
    while budget.left:
        parts = mixed(languages, min(batch_size, budget.left))
        if loss_of is None and not languages.watches:
            stepper.backward(training.loss(concatenate([part.batch for part in parts])))
        else:
            size = sum(len(part.batch) for part in parts)
            for part in parts:
                loss = training.loss(part.batch) if loss_of is None else loss_of(part)
                stepper.backward(loss * (len(part.batch) / size))
                languages.observe(part.task, loss)
        stepper.step()
        training.finish_step()


def mixed(sampler: Sampler, size: int) -> list[Part]:
    """`size` utterances, each of a language that the sampler draws."""
    drawn = sampler.draw(size)
    counts = [(task, sum(other is task for other in drawn)) for task in sampler.tasks]
    return [Part(task, task.batch(min(count, len(task)))) for task, count in counts if count]


def concatenate(batches: Sequence[Batch]) -> Batch:
    """All utterances of `batches` in one, padded with zeros to the longest."""
    return Batch(
        features=_stack([batch.features for batch in batches]),
        lengths=torch.cat([batch.lengths for batch in batches]),
        targets=_stack([batch.targets for batch in batches]),
        target_lengths=torch.cat([batch.target_lengths for batch in batches]),
    )


def _stack(tensors: Sequence[Tensor]) -> Tensor:
    """Concatenate along the first dimension, padding the second with zeros at its end."""
    longest = max(tensor.shape[1] for tensor in tensors)
    shape = (sum(tensor.shape[0] for tensor in tensors), longest, *tensors[0].shape[2:])
    stacked = tensors[0].new_zeros(shape)
    row = 0
    for tensor in tensors:
        stacked[row : row + tensor.shape[0], : tensor.shape[1]] = tensor
        row += tensor.shape[0]
    return stacked
