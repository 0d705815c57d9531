"""The settings that all meta-learners share; torch is imported only inside functions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.errors import Unsupported
from benchmark.methods.base import Method, Sampling
from benchmark.optimizers.base import OPTIMIZERS, SearchSpace

if TYPE_CHECKING:
    from benchmark.data.task import Task
    from benchmark.methods.learning.training import MetaTraining
    from benchmark.optimizers.base import Optimizer
    from benchmark.optimizers.stepping.functional import Tensors, Update


@dataclass(frozen=True)
class Episodic(Method):
    """A method that learns from episodes: adapt in an inner loop, evaluate, update.

    warm_start      share of the budget for joint training, shared by all meta-learners, before the
                    episodes begin; 0 starts from random weights
    outer_lr_scale  factor on the learning rate of the outer optimizer in episodes
    inner_steps     steps of the inner loop
    inner_lr        step size of the inner loop
    inner_optimizer name of the optimizer of the inner loop; its update must be differentiable
    inner_clip      largest norm of an inner gradient
    support         utterances per inner step
    tasks           languages per outer step; the gradient of each is clipped to the norm that the
                    outer optimizer sets
    sampler         how those languages are drawn
    """

    version: ClassVar[int] = 2
    prepares_head: ClassVar[bool] = True

    member_fields: ClassVar[Mapping[str, str]] = {"inner_optimizer": "optimizers"}

    own_inner_step: ClassVar[bool] = False
    """Whether the method defines the update of its inner loop itself, without an optimizer."""

    search_space: ClassVar[SearchSpace] = {
        **Method.search_space,
        "inner_lr": (0.03, 0.1, 0.3, 1.0),
        "outer_lr_scale": (0.1, 0.3, 1.0),
    }

    warm_start: Annotated[float, Field(ge=0, lt=1)] = 0.5
    outer_lr_scale: Annotated[float, Field(gt=0)] = 0.3
    inner_steps: Annotated[int, Field(ge=0)] = 3
    inner_lr: Annotated[float, Field(ge=0)] = 0.3
    inner_optimizer: str = "sgd"
    inner_clip: Annotated[float, Field(gt=0)] | None = 1.0
    support: Annotated[int, Field(ge=1)] = 8
    tasks: Annotated[int, Field(ge=1)] = 2
    sampler: Sampling = "uniform"

    def __post_init__(self) -> None:
        OPTIMIZERS.find(self.inner_optimizer)
        if self.own_inner_step and self.inner_optimizer != "sgd":
            raise ValueError("the method itself defines the steps of its inner loop")

    @property
    def episode_size(self) -> int:
        """Number of distinct utterances in an episode."""
        return self.support

    def task_cost(self, done: float) -> int:
        """Utterance-gradients of one language in one outer step.

        `done` is the share of the budget that is spent, 0 to 1.
        """
        return self.inner_steps * self.support

    def phase(self, done: float) -> Hashable:
        """What else of `done` the gradient of a task depends on: steps of equal phases compute the
        same of other numbers. None: every step is different."""
        return None

    @abstractmethod
    def task_gradient(self, training: MetaTraining, task: Task, done: float) -> Tensors:
        """The gradient of one language for the shared weights, by parameter name.

        `done` is the share of the budget that is spent, 0 to 1.
        """

    def meta_train(self, training: MetaTraining) -> None:
        from benchmark.methods.learning.outer import meta_learn

        for task in training.tasks:
            if len(task) < self.episode_size:
                raise Unsupported(
                    f"{task.language} has {len(task)} utterances to train on; "
                    f"an episode takes {self.episode_size}"
                )
        meta_learn(training, self)

    def outer(self, optimizer: Optimizer) -> Optimizer:
        """The optimizer of the outer loop, derived from that of the suite."""
        return replace(optimizer, lr=optimizer.lr * self.outer_lr_scale)

    def update(self) -> Update:
        """The update of the inner loop. Raises Unsupported if it is not differentiable."""
        return replace(OPTIMIZERS.make(self.inner_optimizer), lr=self.inner_lr).differentiable()
