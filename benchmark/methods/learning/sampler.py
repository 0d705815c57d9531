"""Which languages the next step learns from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from torch import Tensor

from benchmark.data.task import Task
from benchmark.methods.base import Sampling
from benchmark.methods.learning.training import MetaTraining

EXPONENT = 0.5
MEMORY = 0.9
STEP = 0.1


class Sampler:
    """Draws languages for the steps of meta-training.

    uniform      each equally likely, as evenly as a draw allows
    temperature  in proportion to the square root of its utterances (Conneau et al., ACL 2020,
                 section 3.1, with exponent 0.5)
    loss         in proportion to its loss, a moving average
    adversarial  by weights that grow exponentially with its loss (the ascent of group DRO, Sagawa
                 et al., ICLR 2020, algorithm 1, here on the sampling): the hardest languages most
    """

    def __init__(self, sampling: Sampling, tasks: Sequence[Task], generator: Random) -> None:
        self.sampling = sampling
        self.tasks = list(tasks)
        self.generator = generator
        self._weights = [
            len(task) ** EXPONENT if sampling == "temperature" else 1.0 for task in tasks
        ]
        self._losses: dict[str, float] = {}

    @property
    def watches(self) -> bool:
        """Whether it needs to know the loss of each language."""
        return self.sampling in ("loss", "adversarial")

    def probabilities(self) -> list[float]:
        """The chance of each language."""
        total = sum(self._weights)
        return [weight / total for weight in self._weights]

    def draw(self, count: int) -> list[Task]:
        """`count` languages; one may come more than once."""
        if self.sampling == "uniform":
            repeats = -(-count // len(self.tasks))
            return self.generator.sample(self.tasks * repeats, count)
        return self.generator.choices(self.tasks, self._weights, k=count)

    def observe(self, task: Task, loss: Tensor) -> None:
        """Learn how hard a language was."""
        if not self.watches:
            return
        value, index = loss.item(), next(i for i, t in enumerate(self.tasks) if t is task)
        if self.sampling == "adversarial":
            self._weights[index] *= math.exp(STEP * value)
            self._weights = self.probabilities()
            return
        before = self._losses.get(task.language, value)
        self._losses[task.language] = MEMORY * before + (1 - MEMORY) * value
        # A language not met yet counts as the mean of the others.
        mean = sum(self._losses.values()) / len(self._losses)
        self._weights = [max(self._losses.get(t.language, mean), 1e-9) for t in self.tasks]


def sampler(sampling: Sampling, training: MetaTraining) -> Sampler:
    """The sampler of a method's training languages."""
    return Sampler(sampling, training.tasks, training.generator)
