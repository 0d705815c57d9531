"""MAML with exact second-order gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.methods.learning.episodic import Episodic

if TYPE_CHECKING:
    from benchmark.methods.learning.task import Task
    from benchmark.methods.learning.training import MetaTraining
    from benchmark.optimizers.stepping.functional import Tensors


@dataclass(frozen=True)
class Maml(Episodic):
    """Differentiate the query loss through the whole inner loop, its clipping included.

    The first `first_order_share` of outer steps leaves the second order out, which is cheaper and
    steadier far from the optimum (MAML++, Antoniou et al. 2019, derivative-order annealing).
    """

    paper: ClassVar[str] = (
        "Finn et al. 2017, Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks"
    )

    first_order_share: Annotated[float, Field(ge=0, le=1)] = 0.5

    def task_gradient(self, training: MetaTraining, task: Task, done: float) -> Tensors:
        from benchmark.methods.learning.inner import query_gradient

        episode = task.episode(self.support, self.query)
        second_order = done >= self.first_order_share
        return query_gradient(
            training, episode, self.inner_steps, self.update(), self.inner_clip, second_order
        )
