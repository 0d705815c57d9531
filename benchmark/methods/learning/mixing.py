"""Training on batches that mix several languages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import Tensor

from benchmark.methods.base import Sampling
from benchmark.methods.learning.sampler import Part, watches
from benchmark.methods.learning.training import MetaTraining


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
    together = loss_of is None and not watches(sampling)
    alike = (sampling, batch_size) if together else None
    training.learn(
        partial(_train, sampling=sampling, batch_size=batch_size, loss_of=loss_of), alike
    )


def _train(
    training: MetaTraining,
    sampling: Sampling,
    batch_size: int,
    loss_of: Callable[[Part], Tensor] | None,
) -> None:
    training.network.train()
    budget, languages = training.budget, training.sampler(sampling)
    parameters = {**training.parameters(), **training.learnt}
    stepper = training.stepper(parameters, budget.steps(batch_size))

    def accumulate(size: int) -> None:
        if loss_of is None and not languages.watches:
            stepper.backward(training.loss(training.mixed_batch(languages, size)))
            return
        parts = languages.mixed(size)
        utterances = sum(len(part.batch) for part in parts)
        for part in parts:
            loss = training.loss(part.batch) if loss_of is None else loss_of(part)
            stepper.backward(loss * (len(part.batch) / utterances))
            languages.observe(part.task, loss)

    while budget.left:
        size = min(batch_size, budget.left)
        training.advance(stepper, partial(accumulate, size), alike=size)
