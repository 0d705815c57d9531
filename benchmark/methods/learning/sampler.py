"""Sampling of the languages for the next step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from torch import Tensor

from benchmark.data.batch import Batch
from benchmark.data.task import Task
from benchmark.methods.base import Sampling

EXPONENT = 0.5
MEMORY = 0.9
STEP = 0.1


class Part(NamedTuple):
    """The part of a mixed batch that comes from one language."""

    task: Task
    batch: Batch


def watches(sampling: Sampling) -> bool:
    """Whether the probabilities depend on the loss of each language."""
    return sampling in ("loss", "adversarial")


class Sampler:
    """Draws languages for the steps of meta-training.

    uniform      equal probabilities, as evenly as a draw allows temperature  proportional to the
    square root of the number of utterances (Conneau et al., ACL 2020, section 3.1, with exponent
    0.5) loss         proportional to the loss of a language, a moving average adversarial  by
    weights that grow exponentially with the loss, which favours the hardest languages (the ascent
    of group DRO, Sagawa et al., ICLR 2020, algorithm 1, applied to sampling)
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
        """Whether the sampler needs the loss of each language."""
        return watches(self.sampling)

    def probabilities(self) -> list[float]:
        """The probability of each language."""
        total = sum(self._weights)
        return [weight / total for weight in self._weights]

    def draw(self, count: int) -> list[Task]:
        """`count` languages; a language may occur more than once."""
        if self.sampling == "uniform":
            repeats = -(-count // len(self.tasks))
            return self.generator.sample(self.tasks * repeats, count)
        return self.generator.choices(self.tasks, self._weights, k=count)

    def mixed(self, size: int) -> list[Part]:
        """`size` utterances, each of a language that is drawn for it."""
        return [Part(task, task.batch(count)) for task, count in self.counts(size)]

    def counts(self, size: int) -> list[tuple[Task, int]]:
        """How many of `size` utterances are of each language, if any."""
        drawn = self.draw(size)
        counts = [(task, sum(other is task for other in drawn)) for task in self.tasks]
        return [(task, min(count, len(task))) for task, count in counts if count]

    def observe(self, task: Task, loss: Tensor) -> None:
        """Update the loss of a language."""
        if not self.watches:
            return
        value, index = loss.item(), next(i for i, t in enumerate(self.tasks) if t is task)
        if self.sampling == "adversarial":
            self._weights[index] *= math.exp(STEP * value)
            self._weights = self.probabilities()
            return
        before = self._losses.get(task.language, value)
        self._losses[task.language] = MEMORY * before + (1 - MEMORY) * value
        # A language not sampled yet has the mean loss of the others.
        mean = sum(self._losses.values()) / len(self._losses)
        self._weights = [max(self._losses.get(t.language, mean), 1e-9) for t in self.tasks]
