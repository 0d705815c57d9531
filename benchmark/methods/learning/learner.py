"""Training a network within a budget: the common part of meta-training and adaptation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar, Self

import torch
from torch import Tensor
from torch.func import functional_call

from benchmark.data.batch import Batch
from benchmark.errors import Diverged
from benchmark.methods.learning import lockstep
from benchmark.methods.learning.budget import Budget
from benchmark.methods.learning.finiteness import Finiteness
from benchmark.models.networks.base import Encoded, SpeechNetwork
from benchmark.optimizers.base import Optimizer
from benchmark.optimizers.stepping.stepper import AnyStepper, Stepper
from benchmark.parts import part


@dataclass(kw_only=True)
class Learner(ABC):
    """A network and its budget.

    Learners whose training loops take the same steps can learn as one stack; see `lockstep`.

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
    finiteness: Finiteness = field(default_factory=Finiteness)

    stackable: ClassVar[bool] = True
    """Whether it computes losses like any other learner of its kind."""

    @property
    def device(self) -> torch.device:
        """Where it learns."""
        return next(self.network.parameters()).device

    @property
    @abstractmethod
    def rule(self) -> Optimizer:
        """What updates the weights."""

    @property
    @abstractmethod
    def shared(self) -> Hashable:
        """What else learners of a stack have in common."""

    def learn(self, loop: Callable[[Self], None], alike: Hashable) -> None:
        """Run the training loop `loop`, together with that of other learners where there are some.

        Loops of learners that have equal `alike` take the same steps.
        """
        lockstep.learn(self, loop, alike)

    def stepper(
        self,
        parameters: Mapping[str, Tensor],
        total_steps: int,
        derive: Callable[[Optimizer], Optimizer] = lambda rule: rule,
    ) -> AnyStepper:
        """What updates the parameters: `rule`, or what `derive` makes of it."""
        return Stepper(derive(self.rule), parameters.values(), total_steps, self.check)

    def advance(
        self, stepper: AnyStepper, accumulate: Callable[[], None], alike: Hashable = None
    ) -> None:
        """Take one step: `accumulate` gives the stepper the gradient, and it updates the weights.

        Steps with equal `alike` compute the same of other numbers; None: the same as no other.
        """
        accumulate()
        stepper.step()
        self.finish_step()

    def check(self, value: Tensor, name: str) -> None:
        """Raises Diverged, now or in a later step, if `value` is infinite or not a number."""
        self.finiteness.note(value, name, self.step + 1)
        if self.finiteness.due:
            self.look()

    def look(self) -> None:
        """Raises Diverged if a value that was checked is infinite or not a number."""
        for fault in self.finiteness.faults().values():
            raise Diverged(fault)

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
        reduce what is learnt. It costs nothing if gradients are off. Raises Diverged as `check`
        does.
        """
        if torch.is_grad_enabled():
            self.budget.spend(len(batch))
        with self._precision(batch):
            loss: Tensor = functional_call(self.network, dict(parameters or {}), (batch, encoded))
        self.check(loss, "loss")
        self.last_loss = loss.detach()
        return loss

    def encode(self, batch: Batch) -> Encoded:
        """The output of the body for the batch; only `loss` spends budget."""
        with part("forward"), self._precision(batch):
            return self.network.encode(batch)

    def finish_step(self) -> None:
        """Count a step and report progress."""
        self.step += 1
        self.progress(self.budget.spent, self.budget.total)

    def _precision(self, batch: Batch) -> torch.autocast:
        device = batch.features.device.type
        return torch.autocast(device, self.autocast, enabled=self.autocast is not None)
