"""First-order MAML."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.methods.learning.episodic import Episodic

if TYPE_CHECKING:
    from benchmark.data.task import Task
    from benchmark.methods.learning.training import MetaTraining
    from benchmark.models.networks.base import SpeechNetwork
    from benchmark.optimizers.stepping.functional import Tensors


@dataclass(frozen=True)
class Fomaml(Episodic):
    """First-order MAML: follow the gradient of the query loss at the adapted weights.

    `query` is the number of utterances that evaluate the adaptation to `support` others.
    """

    paper: ClassVar[str] = (
        "Finn et al. 2017, Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks"
    )

    query: Annotated[int, Field(ge=1)] = 8

    @property
    def episode_size(self) -> int:
        return self.support + self.query

    def task_cost(self, done: float) -> int:
        return self.inner_steps * self.support + self.query

    def second_order(self, done: float) -> bool:
        """Whether to differentiate through the inner loop when the share `done` of the budget is
        spent."""
        return False

    def phase(self, done: float) -> Hashable:
        return self.second_order(done)

    def inner_parameters(self, network: SpeechNetwork) -> Collection[str] | None:
        """The parameters that the inner loop adapts; None for all."""
        return None

    def task_gradient(self, training: MetaTraining, task: Task, done: float) -> Tensors:
        from benchmark.methods.learning.inner import query_gradient

        return query_gradient(
            training,
            training.episode(task, self.support, self.query),
            self.inner_steps,
            self.update(),
            self.inner_clip,
            self.second_order(done),
            self.inner_parameters(training.network),
        )
