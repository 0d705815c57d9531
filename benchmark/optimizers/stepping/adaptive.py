"""Differentiable updates that scale the step of every weight; see `functional` for the
conventions."""

from __future__ import annotations

from torch import Tensor

from benchmark.optimizers.stepping.functional import (
    TINY,
    State,
    Tensors,
    Updated,
    average,
    decayed,
)


def adagrad(
    parameters: Tensors,
    gradients: Tensors,
    state: State,
    *,
    lr: float,
    eps: float = 1e-10,
    weight_decay: float = 0.0,
) -> Updated:
    """Adagrad (Duchi et al. 2011), diagonal."""
    gradients = decayed(parameters, gradients, weight_decay)
    before = state.moments.get("sum", {})
    total = {name: before.get(name, 0) + g * g for name, g in gradients.items()}
    new = {
        name: p - lr * gradients[name] / (_root(total[name]) + eps)
        for name, p in parameters.items()
    }
    return Updated(new, State(state.step + 1, {"sum": total}))


def rmsprop(
    parameters: Tensors,
    gradients: Tensors,
    state: State,
    *,
    lr: float,
    alpha: float = 0.99,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> Updated:
    """RMSprop (Tieleman and Hinton 2012)."""
    gradients = decayed(parameters, gradients, weight_decay)
    second = average(_squares(gradients), state.moments.get("second"), alpha)
    new = {
        name: p - lr * gradients[name] / (_root(second[name]) + eps)
        for name, p in parameters.items()
    }
    return Updated(new, State(state.step + 1, {"second": second}))


def nadam(
    parameters: Tensors,
    gradients: Tensors,
    state: State,
    *,
    lr: float,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    momentum_decay: float = 4e-3,
) -> Updated:
    """NAdam (Dozat 2016) with its schedule of momentum, in torch's form."""
    gradients = decayed(parameters, gradients, weight_decay)
    step = state.step + 1
    first = average(gradients, state.moments.get("first"), betas[0])
    second = average(_squares(gradients), state.moments.get("second"), betas[1])
    shares = [betas[0] * (1 - 0.5 * 0.96 ** (t * momentum_decay)) for t in range(1, step + 2)]
    product = 1.0
    for share in shares[:-1]:
        product *= share
    now, ahead = shares[-2:]
    new = {}
    for name, p in parameters.items():
        mean = (1 - now) / (1 - product) * gradients[name]
        mean = mean + ahead / (1 - product * ahead) * first[name]
        new[name] = p - lr * mean / (_root(second[name] / (1 - betas[1] ** step)) + eps)
    return Updated(new, State(step, {"first": first, "second": second}))


def radam(
    parameters: Tensors,
    gradients: Tensors,
    state: State,
    *,
    lr: float,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> Updated:
    """RAdam (Liu et al. 2020, algorithm 2), in torch's form: adaptive from a length above 5."""
    gradients = decayed(parameters, gradients, weight_decay)
    step = state.step + 1
    first = average(gradients, state.moments.get("first"), betas[0])
    second = average(_squares(gradients), state.moments.get("second"), betas[1])
    correction = 1 - betas[1] ** step
    longest = 2 / (1 - betas[1]) - 1
    length = longest - 2 * step * betas[1] ** step / correction
    new = {}
    for name, p in parameters.items():
        mean = first[name] / (1 - betas[0] ** step)
        if length > 5:
            trust = (length - 4) * (length - 2) * longest
            trust = (trust / ((longest - 4) * (longest - 2) * length)) ** 0.5
            mean = trust * correction**0.5 * mean / (_root(second[name]) + eps)
        new[name] = p - lr * mean
    return Updated(new, State(step, {"first": first, "second": second}))


def lion(
    parameters: Tensors,
    gradients: Tensors,
    state: State,
    *,
    lr: float,
    betas: tuple[float, float] = (0.9, 0.99),
    weight_decay: float = 0.0,
) -> Updated:
    """Lion (Chen et al. 2023, algorithm 2).

    The derivative of the sign is zero, so only the direct path through the weights is
    differentiated: a meta-gradient through it is first-order.
    """
    before = state.moments.get("first")
    update = {name: u.sign() for name, u in average(gradients, before, betas[0]).items()}
    new = {name: p * (1 - lr * weight_decay) - lr * update[name] for name, p in parameters.items()}
    first = average(gradients, before, betas[1])
    return Updated(new, State(state.step + 1, {"first": first}))


def _squares(gradients: Tensors) -> dict[str, Tensor]:
    return {name: g * g for name, g in gradients.items()}


def _root(x: Tensor) -> Tensor:
    return (x + TINY).sqrt()
