"""Reptile."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.methods.learning.episodic import Episodic
from benchmark.optimizers.base import SearchSpace
from benchmark.optimizers.sgd import Sgd

if TYPE_CHECKING:
    from benchmark.data.task import Task
    from benchmark.methods.learning.training import MetaTraining
    from benchmark.optimizers.base import Optimizer
    from benchmark.optimizers.stepping.functional import Tensors


@dataclass(frozen=True)
class Reptile(Episodic):
    """Reptile: move the shared weights towards the weights after `inner_steps` on a language.

    The outer optimizer gets the difference between shared and adapted weights as a gradient. With
    `step_size` the weights instead move by that share of the difference, as in the paper, on the
    schedule of the outer optimizer. There is no query set, and every inner step takes new
    utterances.
    """

    paper: ClassVar[str] = "Nichol et al. 2018, On First-Order Meta-Learning Algorithms"
    search_space: ClassVar[SearchSpace] = {
        **Episodic.search_space,
        "outer_lr_scale": (0.3, 1.0, 3.0),
    }

    outer_lr_scale: Annotated[float, Field(gt=0)] = 1.0
    inner_steps: Annotated[int, Field(ge=1)] = 4
    step_size: Annotated[float, Field(gt=0)] | None = None

    def phase(self, done: float) -> Hashable:
        return ()

    def task_gradient(self, training: MetaTraining, task: Task, done: float) -> Tensors:
        from benchmark.methods.learning.inner import inner_loop

        shared, respell = training.parameters(), training.token_map()
        losses = (
            partial(training.loss, respell(task.batch(self.support)))
            for _ in range(self.inner_steps)
        )
        adapted = inner_loop(shared, losses, self.update(), self.inner_clip, second_order=False)
        return {name: shared[name].detach() - adapted[name].detach() for name in shared}

    def outer(self, optimizer: Optimizer) -> Optimizer:
        if self.step_size is None:
            return super().outer(optimizer)
        return Sgd(
            lr=self.step_size, schedule=optimizer.schedule, warmup=optimizer.warmup, clip=None
        )
