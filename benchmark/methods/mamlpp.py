"""MAML++."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.methods.maml import Maml
from benchmark.optimizers.base import SearchSpace

if TYPE_CHECKING:
    from benchmark.data.task import Task
    from benchmark.methods.learning.adaptation import Adaptation
    from benchmark.methods.learning.training import MetaTraining
    from benchmark.optimizers.stepping.functional import Tensors

LEAST = 0.03


@dataclass(frozen=True)
class Mamlpp(Maml):
    """MAML++: MAML with multi-step loss, learnt step sizes and derivative-order annealing.

    During the first `multi_step_share` of the budget the query loss is evaluated after every inner
    step, with decreasing weight on the earlier steps. A step size is learnt for each layer and
    inner step, starting from `inner_lr`. Adaptation uses their proportions between layers; its
    optimizer sets their scale.
    """

    paper: ClassVar[str] = (
        "Antoniou et al. 2019, How to Train Your MAML; for speech: Singh et al. 2022,"
        " arXiv 2205.06182"
    )
    own_inner_step: ClassVar[bool] = True
    search_space: ClassVar[SearchSpace] = {**Maml.search_space, "inner_lr": (0.03, 0.1, 0.3)}

    inner_steps: Annotated[int, Field(ge=1)] = 5
    inner_lr: Annotated[float, Field(gt=0)] = 0.1
    multi_step_share: Annotated[float, Field(ge=0, le=1)] = 0.15

    def task_cost(self, done: float) -> int:
        queries = sum(weight > 0 for weight in self.step_weights(done))
        return self.inner_steps * self.support + queries * self.query

    def phase(self, done: float) -> Hashable:
        return self.second_order(done), tuple(self.step_weights(done))

    def step_weights(self, done: float) -> list[float]:
        """The weights of the query losses after each inner step; they sum to one.

        As in the paper's code, they are equal at first, and the earlier ones fall linearly to 3 %
        of that.
        """
        steps = self.inner_steps
        if done >= self.multi_step_share:
            return [0.0] * (steps - 1) + [1.0]
        early = max(1 - done / self.multi_step_share, LEAST) / steps
        return [early] * (steps - 1) + [1 - early * (steps - 1)]

    def meta_train(self, training: MetaTraining) -> None:
        import torch

        from benchmark.methods.learning import step_sizes

        step_sizes.start(training, self.inner_lr, lambda p: torch.Size([self.inner_steps]))
        super().meta_train(training)
        step_sizes.finish(training, lambda sizes: sizes.mean())

    def task_gradient(self, training: MetaTraining, task: Task, done: float) -> Tensors:
        from functools import partial

        import torch

        from benchmark.methods.learning.inner import gradient, trajectory
        from benchmark.methods.learning.step_sizes import per_step

        shared = training.parameters()
        support, query = training.episode(task, self.support, self.query)
        stops = trajectory(
            shared,
            [partial(training.loss, support)] * self.inner_steps,
            partial(per_step, learnt=training.learnt),
            self.inner_clip,
            self.second_order(done),
        )
        weighted = [
            weight * training.loss(query, stop)
            for weight, stop in zip(self.step_weights(done), stops, strict=True)
            if weight
        ]
        return gradient(torch.stack(weighted).sum(), {**shared, **training.learnt})

    def adapt(self, adaptation: Adaptation) -> None:
        from benchmark.methods.learning.step_sizes import scaled_steps

        with scaled_steps(adaptation):
            super().adapt(adaptation)
