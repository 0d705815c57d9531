"""MAML by the implicit function theorem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.methods.fomaml import Fomaml
from benchmark.optimizers.base import SearchSpace

if TYPE_CHECKING:
    from benchmark.data.task import Task
    from benchmark.methods.learning.training import MetaTraining
    from benchmark.optimizers.stepping.functional import Tensors


@dataclass(frozen=True)
class Imaml(Fomaml):
    """iMAML: the meta-gradient depends only on the end point of the inner loop.

    The inner loop minimises the support loss plus `proximity` / 2 times the squared distance from
    the shared weights. `solver_steps` steps of conjugate gradients invert its Hessian. Adaptation
    to a new language has no such penalty.
    """

    paper: ClassVar[str] = "Rajeswaran et al. 2019, Meta-Learning with Implicit Gradients"
    search_space: ClassVar[SearchSpace] = {**Fomaml.search_space, "proximity": (0.5, 1.0, 2.0)}

    inner_steps: Annotated[int, Field(ge=0)] = 10
    proximity: Annotated[float, Field(gt=0)] = 1.0
    solver_steps: Annotated[int, Field(ge=1)] = 5

    def task_cost(self, done: float) -> int:
        return (self.inner_steps + 1) * self.support + self.query

    def task_gradient(self, training: MetaTraining, task: Task, done: float) -> Tensors:
        from functools import partial

        from benchmark.methods.learning.implicit import meta_gradient

        support, query = training.episode(task, self.support, self.query)
        return meta_gradient(
            training.parameters(),
            partial(training.loss, support),
            partial(training.loss, query),
            self.inner_steps,
            self.update(),
            self.inner_clip,
            self.proximity,
            self.solver_steps,
        )
