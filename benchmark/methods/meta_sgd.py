"""MAML that learns its step sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from benchmark.methods.maml import Maml

if TYPE_CHECKING:
    from benchmark.data.task import Task
    from benchmark.methods.learning.adaptation import Adaptation
    from benchmark.methods.learning.training import MetaTraining
    from benchmark.optimizers.stepping.functional import Tensors


@dataclass(frozen=True)
class MetaSgd(Maml):
    """Meta-SGD: MAML that also learns a step size for each weight, starting from `inner_lr`.

    Adaptation uses their proportions; the learning rate of its optimizer sets their scale.
    """

    paper: ClassVar[str] = (
        "Li et al. 2017, Meta-SGD: Learning to Learn Quickly for Few-Shot Learning"
    )
    own_inner_step: ClassVar[bool] = True

    def meta_train(self, training: MetaTraining) -> None:
        from benchmark.methods.learning import step_sizes

        step_sizes.start(training, self.inner_lr, lambda p: p.shape)
        super().meta_train(training)
        step_sizes.finish(training, lambda sizes: sizes)

    def task_gradient(self, training: MetaTraining, task: Task, done: float) -> Tensors:
        from functools import partial

        from benchmark.methods.learning.inner import query_gradient
        from benchmark.methods.learning.step_sizes import per_element

        return query_gradient(
            training,
            training.episode(task, self.support, self.query),
            self.inner_steps,
            partial(per_element, learnt=training.learnt),
            self.inner_clip,
            self.second_order(done),
        )

    def adapt(self, adaptation: Adaptation) -> None:
        from benchmark.methods.learning.step_sizes import scaled_steps

        with scaled_steps(adaptation):
            super().adapt(adaptation)
