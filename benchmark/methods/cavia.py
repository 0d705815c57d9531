"""Adaptation of a context vector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.methods.base import Head
from benchmark.methods.maml import Maml
from benchmark.optimizers.base import SearchSpace

if TYPE_CHECKING:
    from benchmark.data.task import Task
    from benchmark.methods.learning.adaptation import Adaptation
    from benchmark.methods.learning.training import MetaTraining
    from benchmark.optimizers.stepping.functional import Tensors


@dataclass(frozen=True)
class Cavia(Maml):
    """CAVIA: the inner loop and adaptation train only a context of `size` numbers.

    The context scales and shifts the output of every norm, and is finally merged into the norms.
    """

    paper: ClassVar[str] = "Zintgraf et al. 2019, Fast Context Adaptation via Meta-Learning"
    unsupported_heads: ClassVar[Mapping[Head, str]] = {
        "fresh": "CAVIA adapts only a context, so a fresh head would stay untrained"
    }
    search_space: ClassVar[SearchSpace] = {
        **Maml.search_space,
        "inner_lr": (0.3, 1.0, 3.0),
        "size": (32, 64, 128),
    }

    inner_lr: Annotated[float, Field(ge=0)] = 1.0
    first_order_share: Annotated[float, Field(ge=0, le=1)] = 0.0
    size: Annotated[int, Field(ge=1)] = 64

    def meta_train(self, training: MetaTraining) -> None:
        from benchmark.methods.learning import attachment, context

        context.attach(training.network, self.size)
        super().meta_train(training)
        training.learnt.update(attachment.read(training.network))
        attachment.detach(training.network)

    def task_gradient(self, training: MetaTraining, task: Task, done: float) -> Tensors:
        import torch

        from benchmark.methods.learning.context import name_of_context
        from benchmark.methods.learning.inner import query_gradient

        context = name_of_context(training.network)
        gradients = query_gradient(
            training,
            training.episode(task, self.support, self.query),
            self.inner_steps,
            self.update(),
            self.inner_clip,
            self.second_order(done),
            {context},
        )
        # Every language starts from a context of zeros (section 3 of the paper).
        return {**gradients, context: torch.zeros_like(gradients[context])}

    def adapt(self, adaptation: Adaptation) -> None:
        from benchmark.methods.learning import attachment, context
        from benchmark.methods.learning.selection import trainable_only

        network = adaptation.network
        context.attach(network, self.size)
        attachment.write(network, adaptation.learnt)
        with trainable_only(network, {context.name_of_context(network)}):
            super().adapt(adaptation)
        attachment.detach(network)
