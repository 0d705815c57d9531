"""One training step: clip the gradient, set the learning rate, update the weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from benchmark.errors import Diverged, Unsupported
from benchmark.optimizers.base import Optimizer
from benchmark.optimizers.stepping.cost import cost
from benchmark.optimizers.stepping.curvature import hutchinson
from benchmark.optimizers.stepping.schedule import factor
from benchmark.optimizers.stepping.stopwatch import stopwatch
from benchmark.parts import part


class AnyStepper(Protocol):
    """What turns gradients into steps, of one learner or of several."""

    def backward(self, loss: Tensor) -> None: ...

    def add(self, gradients: Sequence[Tensor], count: int) -> None: ...

    def step(self) -> None: ...

    def evaluation_weights(self) -> AbstractContextManager[None]: ...

    def cost(self) -> dict[str, float]: ...


class Stepper:
    """Applies the gradients of `parameters` over `total_steps` steps by the rule of `optimizer`.

    After the last step the parameters are those to evaluate: optimizers whose result is an average
    have put it in place. `check` is given the norm of each gradient, with its name; None: the
    stepper itself raises Diverged for one that is infinite or not a number. Raises Unsupported for
    an optimizer with a line search, because every batch has another loss.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        parameters: Iterable[Tensor],
        total_steps: int,
        check: Callable[[Tensor, str], None] | None = None,
    ) -> None:
        if optimizer.line_search:
            raise Unsupported(
                f"{type(optimizer).__name__} minimises one fixed loss, that of a whole support "
                "set; training on batches needs another optimizer"
            )
        self.settings = optimizer
        self.parameters = list(parameters)
        self.total_steps = total_steps
        self.steps_taken = 0
        self._check = check or self._refuse
        # The libraries differ: schedule-free optimizers have modes, and Sophia's step has an
        # additional argument.
        self.optimizer: Any = optimizer.build(self.parameters)
        self._peaks = [group["lr"] for group in self.optimizer.param_groups]
        self._curvature: list[Tensor] | None = None
        self._watch = stopwatch(self.parameters[0].device)
        if hasattr(self.optimizer, "train"):
            self.optimizer.train()

    def backward(self, loss: Tensor) -> None:
        """Add the gradient of `loss`, and its curvature if the next step needs it."""
        with part("backward"):
            if not self.settings.wants_curvature(self.steps_taken):
                torch.autograd.backward(loss)
                return
            gradients, curvature = hutchinson(loss, self.parameters)
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
        before = self._curvature or [torch.zeros_like(p) for p in self.parameters]
        self._curvature = [old + new for old, new in zip(before, curvature, strict=True)]

    def add(self, gradients: Sequence[Tensor], count: int) -> None:
        """Add one of `count` gradients to their mean.

        It gets the layout of the parameters: that of autograd may differ, and fused optimizers
        read memory without asking (on a CPU they would mix up the elements).
        """
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            share = torch.empty_like(parameter).copy_(gradient.detach()).div_(count)
            parameter.grad = share if parameter.grad is None else parameter.grad.add_(share)

    def step(self) -> None:
        """Take one step with the current gradients, then clear them.

        Raises Diverged as `check` does, and Unsupported if the optimizer needs curvature and the
        gradients were not computed by `backward`.
        """
        self._clip()
        share = factor(
            self.settings.schedule, self.settings.warmup, self.steps_taken, self.total_steps
        )
        for group, peak in zip(self.optimizer.param_groups, self._peaks, strict=True):
            group["lr"] = peak * share
        with part("optimizer"), self._watch.lap():
            self._update()
        self.optimizer.zero_grad(set_to_none=True)
        self.steps_taken += 1
        if self.steps_taken == self.total_steps and hasattr(self.optimizer, "eval"):
            self.optimizer.eval()

    @contextmanager
    def evaluation_weights(self) -> Iterator[None]:
        """Within this context the parameters are those to evaluate; training is unaffected."""
        if not hasattr(self.optimizer, "eval"):
            yield
            return
        learning = [p.detach().clone() for p in self.parameters]
        self.optimizer.eval()
        try:
            yield
        finally:
            self.optimizer.train()
            with torch.no_grad():
                # Undoing the change by arithmetic would cause rounding errors.
                for parameter, value in zip(self.parameters, learning, strict=True):
                    parameter.copy_(value)

    def cost(self) -> dict[str, float]:
        """The cost of the steps so far, without the gradients."""
        return cost(self.optimizer, self._watch.mean_seconds)

    def _update(self) -> None:
        if self.settings.wants_curvature(self.steps_taken):
            if self._curvature is None:
                raise Unsupported(
                    f"{type(self.settings).__name__} needs the curvature of a loss; "
                    "the outer loop of a meta-learner has only gradients"
                )
            self.optimizer.step(hessian=self._curvature)
            self._curvature = None
        else:
            self.optimizer.step()

    def _clip(self) -> None:
        norm = get_total_norm([p.grad for p in self.parameters if p.grad is not None])
        self._check(norm, "gradient")
        if self.settings.clip is not None:
            clip_grads_with_norm_(self.parameters, self.settings.clip, norm)

    def _refuse(self, value: Tensor, name: str) -> None:
        if not torch.isfinite(value):
            raise Diverged(f"the {name} became {value.item()} at step {self.steps_taken + 1}")
