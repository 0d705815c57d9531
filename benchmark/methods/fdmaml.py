"""MAML by finite differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from benchmark.methods.fomaml import Fomaml

if TYPE_CHECKING:
    from benchmark.data.task import Task
    from benchmark.methods.learning.training import MetaTraining
    from benchmark.optimizers.stepping.functional import Tensors


@dataclass(frozen=True)
class Fdmaml(Fomaml):
    """Exact MAML without double backward: Hessian products are differences of two gradients.

    It works for networks with kernels that cannot be differentiated twice. Each inner step costs
    three passes over the support set instead of one.
    """

    paper: ClassVar[str] = (
        "Fallah et al. 2020, On the Convergence Theory of Gradient-Based Model-Agnostic"
        " Meta-Learning Algorithms (HF-MAML), with central differences"
    )
    own_inner_step: ClassVar[bool] = True

    def task_cost(self, done: float) -> int:
        return 3 * self.inner_steps * self.support + self.query

    def task_gradient(self, training: MetaTraining, task: Task, done: float) -> Tensors:
        from functools import partial

        from benchmark.methods.learning.finite_difference import meta_gradient

        support, query = training.episode(task, self.support, self.query)
        return meta_gradient(
            training.parameters(),
            partial(training.loss, support),
            partial(training.loss, query),
            self.inner_steps,
            self.update(),
            self.inner_clip,
        )
