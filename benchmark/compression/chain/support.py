"""The speech that a compression may learn from: the support set of adaptation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import torch
from torch import Tensor

from benchmark.data.task import Task
from benchmark.methods.learning.adaptation import Adaptation
from benchmark.methods.learning.budget import Budget
from benchmark.models.networks.base import SpeechNetwork
from benchmark.optimizers.base import Optimizer


@dataclass(frozen=True)
class Support:
    """The support set as a task, and the settings of adaptation.

    unlabelled  the rest of the language's training speech, whose transcripts must not be used; None
                if there is no other speech
    budgets     the budgets of techniques that have trained so far
    """

    task: Task
    unlabelled: Task | None
    optimizer: Optimizer
    generator: Random
    device: str
    progress: Callable[[int, int], None]
    autocast: torch.dtype | None = None
    budgets: list[Budget] = field(default_factory=list)

    @property
    def spent(self) -> int:
        """Utterance-gradients that techniques have spent."""
        return sum(budget.spent for budget in self.budgets)

    def utterances(self, count: int) -> tuple[Tensor, ...]:
        """Features (1, T, F) of `count` utterances, or of all if there are fewer."""
        batch = self.task.batch(count)
        pairs = zip(batch.features.cpu().float(), batch.lengths.tolist(), strict=True)
        return tuple(features[None, :length] for features, length in pairs)

    def adaptation(self, network: SpeechNetwork, gradients: int) -> Adaptation:
        """Further training of `network`, moved to the device, with its own budget."""
        self.budgets.append(Budget(gradients))
        return Adaptation(
            network=network.to(self.device),
            support=self.task,
            optimizer=self.optimizer,
            budget=self.budgets[-1],
            generator=self.generator,
            progress=self.progress,
            autocast=self.autocast,
        )
