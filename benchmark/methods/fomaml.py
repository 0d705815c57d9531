"""First-order MAML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from benchmark.methods.learning.episodic import Episodic

if TYPE_CHECKING:
    from benchmark.methods.learning.task import Task
    from benchmark.methods.learning.training import MetaTraining
    from benchmark.optimizers.stepping.functional import Tensors


@dataclass(frozen=True)
class Fomaml(Episodic):
    """Move the shared weights along the gradient of the query loss at the adapted weights."""

    paper: ClassVar[str] = (
        "Finn et al. 2017, Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks"
    )

    def task_gradient(self, training: MetaTraining, task: Task, done: float) -> Tensors:
        from benchmark.methods.learning.inner import query_gradient

        episode = task.episode(self.support, self.query)
        return query_gradient(
            training, episode, self.inner_steps, self.update(), self.inner_clip, second_order=False
        )
