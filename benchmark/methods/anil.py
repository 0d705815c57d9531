"""MAML with an inner loop over the output layer."""

from __future__ import annotations

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


@dataclass(frozen=True)
class Anil(Maml):
    """ANIL: MAML in which the inner loop and adaptation train only the output layer.

    The body's output for the support set is therefore the same in every inner step and is computed
    once.
    """

    paper: ClassVar[str] = (
        "Raghu et al. 2020, Rapid Learning or Feature Reuse? Towards Understanding the"
        " Effectiveness of MAML"
    )
    search_space: ClassVar[SearchSpace] = {**Maml.search_space, "inner_lr": (0.1, 0.3, 1.0)}

    inner_steps: Annotated[int, Field(ge=0)] = 5
    first_order_share: Annotated[float, Field(ge=0, le=1)] = 0.0

    def task_gradient(self, training: MetaTraining, task: Task, done: float) -> Tensors:
        from functools import partial

        import torch

        from benchmark.methods.learning.inner import gradient, inner_loop
        from benchmark.methods.learning.selection import head_parameters

        support, query = training.episode(task, self.support, self.query)
        shared, second_order = training.parameters(), self.second_order(done)
        start = {name: shared[name] for name in shared if name in head_parameters(training.network)}
        with torch.set_grad_enabled(second_order):
            encoded = training.encode(support)
        losses = [partial(training.loss, support, encoded=encoded)] * self.inner_steps
        adapted = inner_loop(start, losses, self.update(), self.inner_clip, second_order)
        return gradient(training.loss(query, adapted), shared)

    def adapt(self, adaptation: Adaptation) -> None:
        from benchmark.methods.learning.selection import head_parameters, trainable_only

        with trainable_only(adaptation.network, head_parameters(adaptation.network)):
            super().adapt(adaptation)
