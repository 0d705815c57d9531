"""What a method gets to learn an initialisation from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.methods.learning.learner import Learner
from benchmark.methods.learning.task import Task
from benchmark.optimizers.base import Optimizer


@dataclass(kw_only=True)
class MetaTraining(Learner):
    """A network to initialise, the training languages, and the optimizer of the outer loop."""

    tasks: Sequence[Task]
    outer: Optimizer

    def draw(self, count: int) -> list[Task]:
        """`count` languages, each equally likely, as evenly as `count` allows, in random order."""
        repeats = -(-count // len(self.tasks))
        return self.generator.sample(list(self.tasks) * repeats, count)
