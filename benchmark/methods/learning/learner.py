"""Training a network within a budget: the common part of meta-training and adaptation."""

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
    """A network and its budget.

    network    trained in place
    budget     utterance-gradients, charged by `loss`
    generator  the only source of randomness besides those of the tasks; dropout, if the network
               has any, uses torch's global generator
    autocast   type of mixed precision, None for none
    progress   called after every step with the utterance-gradients spent and their total
    step       number of finished steps
    last_loss  the last value of `loss`, without its graph
    facts      further entries for the record of the stage
    learnt     parameters that a method learns besides those of the network, by name;
               meta-training stores them and adaptation reads them
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
        """The trainable parameters, by name."""
        return {name: p for name, p in self.network.named_parameters() if p.requires_grad}

    def loss(
        self,
        batch: Batch,
        parameters: Mapping[str, Tensor] | None = None,
        encoded: Encoded | None = None,
    ) -> Tensor:
        """Mean loss over the utterances of the batch, at `parameters` if given.

        `encoded` is the body's output for the batch, if it is known already. The loss costs one
        utterance-gradient per utterance in either case, because reuse saves time but does not
        reduce what is learnt. It costs nothing if gradients are off. Raises Diverged if the loss is
        infinite or not a number.
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
        """The output of the body for the batch; only `loss` spends budget."""
        with self._precision(batch):
            return self.network.encode(batch)

    def finish_step(self) -> None:
        """Count a step and report progress."""
        self.step += 1
        self.progress(self.budget.spent, self.budget.total)

    def _precision(self, batch: Batch) -> torch.autocast:
        device = batch.features.device.type
        return torch.autocast(device, self.autocast, enabled=self.autocast is not None)
