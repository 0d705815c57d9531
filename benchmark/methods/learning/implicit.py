"""The meta-gradient of a proximal inner loop (Rajeswaran et al. 2019, algorithm 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from benchmark.methods.learning.inner import (
    Loss,
    gradient,
    gradient_product,
    inner_loop,
    leaves,
)
from benchmark.optimizers.stepping.functional import Update


def meta_gradient(
    parameters: Mapping[str, Tensor],
    support_loss: Loss,
    query_loss: Loss,
    steps: int,
    update: Update,
    clip: float | None,
    proximity: float,
    solver_steps: int,
) -> dict[str, Tensor]:
    """(I + H / proximity)^-1 g, with the query gradient g and the Hessian H of the support loss.

    Both are evaluated at the end point of the inner loop, as if it were the optimum.
    """

    def proximal(moved: Mapping[str, Tensor]) -> Tensor:
        away = sum(((moved[name] - p.detach()) ** 2).sum() for name, p in parameters.items())
        return support_loss(moved) + 0.5 * proximity * away

    end = inner_loop(parameters, [proximal] * steps, update, clip, second_order=False)
    end = leaves(end)
    pull = _flat(gradient(query_loss(end), end))
    slope = _flat(gradient(support_loss(end), end, create_graph=True))

    def curved(direction: Tensor) -> Tensor:
        return direction + _flat(gradient_product(slope, end, direction)) / proximity

    solved = conjugate_gradients(curved, pull, solver_steps)
    parts = torch.split(solved, [p.numel() for p in end.values()])
    return {name: part.view_as(end[name]) for name, part in zip(end, parts, strict=True)}


def conjugate_gradients(times: Callable[[Tensor], Tensor], target: Tensor, steps: int) -> Tensor:
    """x with `times(x)` close to `target`, for a symmetric `times` (Hestenes and Stiefel 1952).

    It stays where it is at the solution, or once `times` is not positive definite. Without any step
    the result is the target, which is first-order MAML. Nothing is read back from the device.
    """
    solution, residual, direction = torch.zeros_like(target), target, target
    square = residual @ residual
    moved = running = square > 0
    for step in range(steps):
        turned = times(direction)
        curvature = direction @ turned
        running = running & (curvature > 0)
        moved = running if step == 0 else moved
        length = torch.where(running, square / curvature, 0)
        solution = solution + length * direction
        residual = residual - length * turned
        before, square = square, residual @ residual
        running = running & (square > 0)
        direction = residual + torch.where(running, square / before, 0) * direction
    return torch.where(moved, solution, target)


def _flat(tensors: Mapping[str, Tensor]) -> Tensor:
    return torch.cat([t.flatten() for t in tensors.values()])
