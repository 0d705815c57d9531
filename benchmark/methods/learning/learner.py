"""A network that learns within a budget: what meta-training and adaptation have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call

from benchmark.data.batch import Batch
from benchmark.errors import Diverged
from benchmark.methods.learning.budget import Budget
from benchmark.models.networks.base import Encoded, SpeechNetwork


@dataclass(kw_only=True)
class Learner:
    """A network, and what it may spend.

    network    learns in place
    budget     utterance-gradients, booked by `loss`
    generator  the only source of randomness besides the tasks' own; dropout, if the network has
               any, draws from torch's global generator
    autocast   type of mixed precision, None for none
    progress   called after every step with the utterance-gradients spent and their total
    step       steps finished
    last_loss  what `loss` returned last, without its graph
    facts      what the record of the stage is to say besides what was spent
    learnt     what a method learns besides the weights of the network, by name: meta-training
               leaves it and adaptation finds it
    """

    network: SpeechNetwork
    budget: Budget
    generator: Random
    progress: Callable[[int, int], None]
    autocast: torch.dtype | None = None
    step: int = 0
    last_loss: Tensor = field(default_factory=lambda: torch.zeros(()))
    facts: dict[str, Any] = field(default_factory=dict)
    learnt: dict[str, torch.nn.Parameter] = field(default_factory=dict)

    def parameters(self) -> dict[str, torch.nn.Parameter]:
        """The parameters that learn, by name."""
        return {name: p for name, p in self.network.named_parameters() if p.requires_grad}

    def loss(
        self,
        batch: Batch,
        parameters: Mapping[str, Tensor] | None = None,
        encoded: Encoded | None = None,
    ) -> Tensor:
        """Mean loss over the utterances of the batch, at other parameters if given.

        `encoded` is what the body made of the batch, if that is known already. Spends one
        utterance-gradient per utterance either way, since it saves time and no learning, unless
        gradients are off. Raises Diverged when the loss is infinite or not a number.
        """
        if torch.is_grad_enabled():
            self.budget.spend(len(batch))
        with self._precision(batch):
            loss: Tensor = functional_call(self.network, dict(parameters or {}), (batch, encoded))
        if not torch.isfinite(loss):
            raise Diverged(f"the loss became {loss.item()} at step {self.step + 1}")
        self.last_loss = loss.detach()
        return loss

    def encode(self, batch: Batch) -> Encoded:
        """What the body makes of the batch; it is the loss that spends."""
        with self._precision(batch):
            return self.network.encode(batch)

    def finish_step(self) -> None:
        """Count a step and report progress."""
        self.step += 1
        self.progress(self.budget.spent, self.budget.total)

    def _precision(self, batch: Batch) -> torch.autocast:
        device = batch.features.device.type
        return torch.autocast(device, self.autocast, enabled=self.autocast is not None)
