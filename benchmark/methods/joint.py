"""Joint multilingual training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from benchmark.methods.base import Method

if TYPE_CHECKING:
    from benchmark.methods.learning.training import MetaTraining


@dataclass(frozen=True)
class Joint(Method):
    """Train on minibatches that mix all languages, then fine-tune.

    `train_batch` is the number of utterances per step of training.
    """

    train_batch: Annotated[int, Field(ge=1)] = 16

    def meta_train(self, training: MetaTraining) -> None:
        import torch

        from benchmark.methods.learning.mixing import mixed_batch
        from benchmark.optimizers.stepping.stepper import Stepper

        training.network.train()
        budget = training.budget
        steps = budget.steps(self.train_batch)
        stepper = Stepper(training.outer, training.parameters().values(), steps)
        while budget.left:
            batch = mixed_batch(training, min(self.train_batch, budget.left))
            torch.autograd.backward(training.loss(batch))
            stepper.step()
            training.finish_step()
