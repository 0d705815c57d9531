"""Updates as pure, differentiable functions, for inner loops.

Each computes the same update as the optimizer of that name in `torch.optim`, but returns new
parameters and a new state instead of changing them. So a later loss can be differentiated with
respect to the input parameters, the gradients and the learning rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from torch import Tensor

Tensors = Mapping[str, Tensor]
"""Tensors by parameter name."""

TINY = 1e-30
"""Added under a square root, whose slope at zero is infinite."""


@dataclass(frozen=True)
class State:
    """The state of an optimizer: the number of steps, and moments by parameter name."""

    step: int = 0
    moments: Mapping[str, Tensors] = field(default_factory=dict)


class Updated(NamedTuple):
    """Parameters and state after one step."""

    parameters: dict[str, Tensor]
    state: State


class Update(Protocol):
    """One step of an optimizer whose settings are bound; the first step gets `State()`."""

    def __call__(self, parameters: Tensors, gradients: Tensors, state: State) -> Updated: ...


def sgd(
    parameters: Tensors, gradients: Tensors, state: State, *, lr: float, weight_decay: float = 0.0
) -> Updated:
    """Stochastic gradient descent."""
    gradients = decayed(parameters, gradients, weight_decay)
    new = {name: p - lr * gradients[name] for name, p in parameters.items()}
    return Updated(new, State(state.step + 1))


def momentum(
    parameters: Tensors,
    gradients: Tensors,
    state: State,
    *,
    lr: float,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
) -> Updated:
    """Heavy-ball momentum (Polyak 1964), in torch's form: the buffer starts at the gradient."""
    buffer = _velocity(decayed(parameters, gradients, weight_decay), state, momentum)
    new = {name: p - lr * buffer[name] for name, p in parameters.items()}
    return Updated(new, State(state.step + 1, {"velocity": buffer}))


def nesterov(
    parameters: Tensors,
    gradients: Tensors,
    state: State,
    *,
    lr: float,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
) -> Updated:
    """Nesterov momentum (Sutskever et al. 2013), in torch's form."""
    gradients = decayed(parameters, gradients, weight_decay)
    buffer = _velocity(gradients, state, momentum)
    new = {
        name: p - lr * (gradients[name] + momentum * buffer[name]) for name, p in parameters.items()
    }
    return Updated(new, State(state.step + 1, {"velocity": buffer}))


def adam(
    parameters: Tensors,
    gradients: Tensors,
    state: State,
    *,
    lr: float,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> Updated:
    """Adam (Kingma and Ba 2015, algorithm 1); weight decay is added to the gradient."""
    gradients = decayed(parameters, gradients, weight_decay)
    step = state.step + 1
    first = average(gradients, state.moments.get("first"), betas[0])
    squares = {name: g * g for name, g in gradients.items()}
    second = average(squares, state.moments.get("second"), betas[1])
    new = {}
    for name, p in parameters.items():
        mean = first[name] / (1 - betas[0] ** step)
        deviation = (second[name] / (1 - betas[1] ** step) + TINY).sqrt()
        new[name] = p - lr * mean / (deviation + eps)
    return Updated(new, State(step, {"first": first, "second": second}))


def adamw(
    parameters: Tensors,
    gradients: Tensors,
    state: State,
    *,
    lr: float,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.01,
) -> Updated:
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2)."""
    decayed = {name: p * (1 - lr * weight_decay) for name, p in parameters.items()}
    return adam(decayed, gradients, state, lr=lr, betas=betas, eps=eps)


def clipped(gradients: Tensors, limit: float | None) -> dict[str, Tensor]:
    """Gradients scaled so that their joint norm is at most `limit`; None disables clipping.

    The scale is differentiated too, because the clipped step is part of the function of which a
    meta-gradient is taken.
    """
    if limit is None:
        return dict(gradients)
    squares = sum((g.double() ** 2).sum() for g in gradients.values())
    scale = (limit / (squares + TINY) ** 0.5).clamp(max=1.0)
    return {name: g * scale.to(g.dtype) for name, g in gradients.items()}


def decayed(parameters: Tensors, gradients: Tensors, weight_decay: float) -> Tensors:
    """Gradients of the loss plus half of `weight_decay` times the squared weights."""
    if not weight_decay:
        return gradients
    return {name: g + weight_decay * parameters[name] for name, g in gradients.items()}


def _velocity(gradients: Tensors, state: State, momentum: float) -> dict[str, Tensor]:
    before = state.moments.get("velocity")
    if before is None:
        return dict(gradients)
    return {name: momentum * before[name] + g for name, g in gradients.items()}


def average(values: Tensors, before: Tensors | None, beta: float) -> dict[str, Tensor]:
    """The exponential moving average of `values`, initially zero."""
    if before is None:
        return {name: (1 - beta) * v for name, v in values.items()}
    return {name: beta * before[name] + (1 - beta) * v for name, v in values.items()}
