"""One step of learning: clip the gradient, set the learning rate, update the weights."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from benchmark.errors import Diverged
from benchmark.optimizers.base import Optimizer
from benchmark.optimizers.stepping.schedule import factor


class Stepper:
    """Applies the gradients of `parameters` over `total_steps` steps by the rule of `optimizer`."""

    def __init__(
        self, optimizer: Optimizer, parameters: Iterable[torch.nn.Parameter], total_steps: int
    ) -> None:
        self.settings = optimizer
        self.parameters = list(parameters)
        self.total_steps = total_steps
        self.steps_taken = 0
        self.optimizer = optimizer.build(self.parameters)
        self._peaks = [group["lr"] for group in self.optimizer.param_groups]

    def step(self) -> None:
        """Take one step with the gradients at hand, then drop them.

        Raises Diverged when the norm of the gradient is infinite or not a number.
        """
        self._clip()
        share = factor(
            self.settings.schedule, self.settings.warmup, self.steps_taken, self.total_steps
        )
        for group, peak in zip(self.optimizer.param_groups, self._peaks, strict=True):
            group["lr"] = peak * share
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.steps_taken += 1

    def _clip(self) -> None:
        norm = get_total_norm([p.grad for p in self.parameters if p.grad is not None])
        if not torch.isfinite(norm):
            raise Diverged(f"the gradient became {norm.item()} at step {self.steps_taken + 1}")
        if self.settings.clip is not None:
            clip_grads_with_norm_(self.parameters, self.settings.clip, norm)
