"""A network that learns within a budget: what meta-training and adaptation have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

import torch
from torch import Tensor
from torch.func import functional_call

from benchmark.data.batch import Batch
from benchmark.errors import Diverged
from benchmark.methods.learning.budget import Budget
from benchmark.models.networks.base import SpeechNetwork


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
    """

    network: SpeechNetwork
    budget: Budget
    generator: Random
    progress: Callable[[int, int], None]
    autocast: torch.dtype | None = None
    step: int = 0

    def parameters(self) -> dict[str, torch.nn.Parameter]:
        """The parameters that learn, by name."""
        return {name: p for name, p in self.network.named_parameters() if p.requires_grad}

    def loss(self, batch: Batch, parameters: Mapping[str, Tensor] | None = None) -> Tensor:
        """Mean loss over the utterances of the batch, at other parameters if given.

        Spends one utterance-gradient per utterance, unless gradients are off. Raises Diverged
        when the loss is infinite or not a number.
        """
        if torch.is_grad_enabled():
            self.budget.spend(len(batch))
        device = batch.features.device.type
        with torch.autocast(device, self.autocast, enabled=self.autocast is not None):
            loss: Tensor = functional_call(self.network, dict(parameters or {}), (batch,))
        if not torch.isfinite(loss):
            raise Diverged(f"the loss became {loss.item()} at step {self.step + 1}")
        return loss

    def finish_step(self) -> None:
        """Count a step and report progress."""
        self.step += 1
        self.progress(self.budget.spent, self.budget.total)
