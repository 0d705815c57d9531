"""The input of meta-training."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import torch

from benchmark.data.batch import Batch
from benchmark.data.collate import concatenate
from benchmark.data.task import Episode, Task
from benchmark.methods.base import Head, Sampling
from benchmark.methods.learning.learner import Learner
from benchmark.methods.learning.sampler import Sampler
from benchmark.optimizers.base import Optimizer


@dataclass(kw_only=True)
class MetaTraining(Learner):
    """A network to initialise, the training languages, and the optimizer of the outer loop.

    With a `fresh` head every episode permutes its units by a token map of its own, so that output
    rows cannot be memorised.
    """

    tasks: Sequence[Task]
    outer: Optimizer
    head: Head = "union"

    @property
    def rule(self) -> Optimizer:
        return self.outer

    @property
    def shared(self) -> Hashable:
        return self.head

    def token_map(self) -> Callable[[Batch], Batch]:
        """A new token map for a task: a random permutation of its units with a fresh head, else
        none."""
        if self.head != "fresh":
            return lambda batch: batch
        count = self.network.num_units
        order = torch.tensor(self.generator.sample(range(count), count))

        def respell(batch: Batch) -> Batch:
            return replace(batch, targets=order.to(batch.targets.device)[batch.targets])

        return respell

    def sampler(self, sampling: Sampling) -> Sampler:
        """What draws the training languages."""
        return Sampler(sampling, self.tasks, self.generator)

    def mixed_batch(self, sampler: Sampler, size: int) -> Batch:
        """`size` utterances, each of a language that the sampler draws."""
        return concatenate([part.batch for part in sampler.mixed(size)])

    def episode(self, task: Task, support: int, query: int) -> Episode:
        """`support` utterances of a language and `query` others, with one token map."""
        episode, respell = task.episode(support, query), self.token_map()
        return Episode(respell(episode.support), respell(episode.query))
