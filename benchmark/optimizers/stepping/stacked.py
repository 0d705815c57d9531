"""One training step of several learners: what `Stepper` does, for tensors (S, ...)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from benchmark.optimizers.base import Optimizer
from benchmark.optimizers.stepping.functional import State
from benchmark.optimizers.stepping.schedule import factor
from benchmark.optimizers.stepping.stepper import Stepper
from benchmark.optimizers.stepping.stopwatch import stopwatch
from benchmark.parts import part
from benchmark.stacking import joined, outside

Check = Callable[[Tensor, str], None]


class StackedStepper(ABC):
    """Applies the gradients of `parameters` (S, ...) by the rules of S optimizers of one kind.

    The optimizers may differ in their numbers, but not in clipping and schedule. `check` is given
    the norms (S,) of the gradients. A learner whose gradient is not finite stays where it is.
    """

    def __init__(
        self,
        optimizers: Sequence[Optimizer],
        parameters: Sequence[Tensor],
        total_steps: int,
        check: Check,
    ) -> None:
        self.settings = optimizers[0]
        self.optimizers = optimizers
        self.parameters = list(parameters)
        self.total_steps = total_steps
        self.steps_taken = 0
        self._check = check
        self._watch = stopwatch(self.parameters[0].device)
        self.gradients: list[Tensor] | None = None
        """The mean gradients of the next step, (S, ...) each."""

        self._set_up()

    @abstractmethod
    def _set_up(self) -> None:
        """Make what the steps need besides."""

    def backward(self, loss: Tensor) -> None:
        """Add the gradient of `loss`."""
        losses = joined(loss)
        with part("backward"), outside():
            self._add(torch.autograd.grad(losses.sum(), self.parameters, materialize_grads=True), 1)

    def add(self, gradients: Sequence[Tensor], count: int) -> None:
        """Add one of `count` gradients to their mean."""
        whole = [joined(gradient).detach() for gradient in gradients]
        with outside():
            self._add(whole, count)

    def _add(self, gradients: Sequence[Tensor], count: int) -> None:
        shares = [gradient / count for gradient in gradients] if count > 1 else list(gradients)
        if self.gradients is None:
            self.gradients = shares
        else:
            self.gradients = [a + b for a, b in zip(self.gradients, shares, strict=True)]

    def state(self) -> list[Tensor]:
        """What a step changes besides the parameters, as far as it can be captured."""
        return []

    def step(self) -> None:
        """Take one step with the current gradients, then clear them."""
        self.prepare()
        with part("optimizer"), self._watch.lap():
            norms = self.update()
        if norms is not None:
            self._check(norms, "gradient")
        self.finish()

    def prepare(self) -> None:  # noqa: B027 - most kinds have nothing to set
        """The part of a step before `update`: set what differs from the last one."""

    def update(self) -> Tensor | None:
        """The part of a step that can be captured, with the norms (S,) of the gradients; None if
        none can."""
        return None

    def finish(self) -> None:
        """The part of a step after `update`."""
        self.steps_taken += 1

    @abstractmethod
    def evaluation_weights(self) -> AbstractContextManager[None]:
        """Within this context the parameters are those to evaluate; training is unaffected."""

    @abstractmethod
    def cost(self) -> dict[str, float]:
        """The cost of the steps so far, without the gradients, for one learner."""

    @property
    def num_learners(self) -> int:
        return len(self.optimizers)


class ElementwiseStepper(StackedStepper):
    """For rules that treat every weight alike: the weights of a learner are one row (S, P).

    Nothing is read back from the device and all memory stays where it is, so that `update` can be
    captured.
    """

    def _set_up(self) -> None:
        self._weights = _one_storage(self.parameters, self.num_learners)
        device = self._weights.device
        self._peaks = torch.tensor([o.lr for o in self.optimizers], dtype=torch.float64)
        self._lr = torch.zeros(self.num_learners, 1, dtype=self._weights.dtype, device=device)
        self._step = torch.zeros((), dtype=torch.float64, device=device)
        self._moments: dict[str, dict[str, Tensor]] = {}
        rates: Any = self._lr
        self._update_weights = replace(self.settings, lr=rates).differentiable()

    def prepare(self) -> None:
        share = factor(
            self.settings.schedule, self.settings.warmup, self.steps_taken, self.total_steps
        )
        rates = (self._peaks * share).to(self._lr.dtype)[:, None]
        self._lr.copy_(rates.pin_memory() if self._lr.is_cuda else rates, non_blocking=True)

    def state(self) -> list[Tensor]:
        return [self._step, *(moment[""] for moment in self._moments.values())]

    @torch.no_grad()
    def update(self) -> Tensor:
        assert self.gradients is not None
        rows = [g.reshape(self.num_learners, -1) for g in self.gradients]
        gradient, self.gradients = torch.cat(rows, dim=1), None
        norms: Tensor = torch.linalg.vector_norm(gradient, dim=1)
        scale = torch.ones_like(norms)
        if self.settings.clip is not None:
            scale = (self.settings.clip / (norms + 1e-6)).clamp(max=1.0)
        # Nothing times infinity is not a number.
        sound = torch.isfinite(norms)[:, None]
        gradient = torch.where(sound, gradient * scale[:, None], 0)
        new, state = self._update_weights(
            {"": self._weights},
            {"": gradient},
            State(self._step, self._moments),  # type: ignore[arg-type]
        )
        self._weights.copy_(torch.where(sound, new[""], self._weights))
        self._step += 1
        for name, moment in state.moments.items():
            if name in self._moments:
                self._moments[name][""].copy_(moment[""])
            else:
                self._moments[name] = {"": moment[""].clone()}
        return norms

    @contextmanager
    def evaluation_weights(self) -> Iterator[None]:
        yield

    def cost(self) -> dict[str, float]:
        moments = sum(m[""].numel() * m[""].element_size() for m in self._moments.values())
        return {
            "optimizer_state_bytes": moments // self.num_learners,
            "optimizer_step_seconds": self._watch.mean_seconds / self.num_learners,
        }


class MappedStepper(StackedStepper):
    """For all other rules: each learner has an optimizer of its own."""

    def _set_up(self) -> None:
        self._norms: list[Tensor] = []
        self._steppers = [
            Stepper(
                optimizer,
                [p.detach()[i].requires_grad_() for p in self.parameters],
                self.total_steps,
                self._keep,
            )
            for i, optimizer in enumerate(self.optimizers)
        ]
        self._lost: set[int] = set()

    def finish(self) -> None:
        assert self.gradients is not None
        gradients, self.gradients, self._norms = self.gradients, None, []
        with part("optimizer"):
            for i, stepper in enumerate(self._steppers):
                for parameter, whole in zip(stepper.parameters, gradients, strict=True):
                    parameter.grad = torch.empty_like(parameter).copy_(whole[i])
                if i in self._lost:
                    self._keep(torch.stack([g[i].norm() for g in gradients]).norm(), "gradient")
                    continue
                try:
                    stepper.step()
                except RuntimeError:
                    # Libraries refuse what is not finite, each in its own words.
                    if self._norms[i].isfinite():
                        raise
                    self._lost.add(i)
        self._check(torch.stack(self._norms), "gradient")
        super().finish()

    @contextmanager
    def evaluation_weights(self) -> Iterator[None]:
        with ExitStack() as contexts:
            for stepper in self._steppers:
                contexts.enter_context(stepper.evaluation_weights())
            yield

    def cost(self) -> dict[str, float]:
        # A state has the size of the weights, which is that of each learner.
        costs = [stepper.cost() for stepper in self._steppers]
        seconds = sum(cost["optimizer_step_seconds"] for cost in costs) / len(costs)
        return {**costs[0], "optimizer_step_seconds": seconds}

    def _keep(self, norm: Tensor, name: str) -> None:
        self._norms.append(norm)


def stacked_stepper(
    optimizers: Sequence[Optimizer],
    parameters: Sequence[Tensor],
    total_steps: int,
    check: Check,
) -> StackedStepper:
    """A stepper for the kind of these optimizers."""
    alike = all(replace(each, lr=optimizers[0].lr) == optimizers[0] for each in optimizers)
    one = alike and is_elementwise(optimizers[0])
    return (ElementwiseStepper if one else MappedStepper)(
        optimizers, parameters, total_steps, check
    )


def is_elementwise(optimizer: Optimizer) -> bool:
    """Whether the class that defines how it is built says so; one derived from it, with a rule of
    its own, says nothing."""
    owner = next(cls for cls in type(optimizer).__mro__ if "build" in vars(cls))
    return bool(vars(owner).get("elementwise", False))


@torch.no_grad()
def _one_storage(parameters: Sequence[Tensor], num_learners: int) -> Tensor:
    """All parameters (S, ...) as columns of one tensor (S, P), whose memory they use from now
    on."""
    whole = torch.cat([p.detach().reshape(num_learners, -1) for p in parameters], dim=1)
    start = 0
    for parameter in parameters:
        width = parameter.numel() // num_learners
        parameter.data = whole[:, start : start + width].view(parameter.shape)
        start += width
    return whole
