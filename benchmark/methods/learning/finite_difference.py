"""The exact meta-gradient without second derivatives of the network.

This is manual backpropagation through the inner loop. At each step the backpropagated vector is
multiplied by the Hessian of the support loss. The product is a central difference of two ordinary
gradients, so it works for kernels without double backward. Each difference passes the support set
twice through the network, which the budget counts.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from benchmark.methods.learning.inner import Loss, gradient
from benchmark.optimizers.stepping.functional import State, Tensors, Update, clipped

STEP = 1e-5
"""Relative step of a difference; with a step ten times as large, results are off by a third."""


def meta_gradient(
    parameters: Mapping[str, Tensor],
    support_loss: Loss,
    query_loss: Loss,
    steps: int,
    update: Update,
    clip: float | None,
) -> dict[str, Tensor]:
    """The result of `query_gradient` with `second_order`, for an `update` without moments."""
    points = [_leaves(parameters)]
    slopes = []
    for _ in range(steps):
        slopes.append(gradient(support_loss(points[-1]), points[-1]))
        with torch.no_grad():
            points.append(
                _leaves(update(points[-1], clipped(slopes[-1], clip), State()).parameters)
            )
    back = gradient(query_loss(points[-1]), points[-1])
    for point, slope in zip(reversed(points[:-1]), reversed(slopes), strict=True):
        at, along = _leaves(point), _leaves(slope)
        after = update(at, clipped(along, clip), State()).parameters
        arrived = torch.stack([(after[name] * back[name]).sum() for name in after]).sum()
        by_point, by_slope = _both(arrived, at, along)
        turned = _times_hessian(support_loss, point, by_slope)
        back = {name: by_point[name] + turned[name] for name in point}
    return back


def _both(value: Tensor, first: Tensors, second: Tensors) -> tuple[Tensors, Tensors]:
    """The gradients of `value` with respect to two sets of tensors."""
    gradients = torch.autograd.grad(value, [*first.values(), *second.values()])
    by_first, by_second = gradients[: len(first)], gradients[len(first) :]
    return dict(zip(first, by_first, strict=True)), dict(zip(second, by_second, strict=True))


def _times_hessian(loss: Loss, point: Tensors, direction: Tensors) -> dict[str, Tensor]:
    size = _norm(direction)
    if size == 0:
        return {name: torch.zeros_like(p) for name, p in point.items()}
    step = STEP * (1 + _norm(point)) / size
    ends = []
    for sign in (1, -1):
        there = _leaves({name: p + sign * step * direction[name] for name, p in point.items()})
        ends.append(gradient(loss(there), there))
    return {name: (ends[0][name] - ends[1][name]) / (2 * step) for name in point}


def _norm(tensors: Tensors) -> float:
    return float(torch.stack([t.detach().double().norm() for t in tensors.values()]).norm())


def _leaves(parameters: Tensors) -> dict[str, Tensor]:
    return {name: p.detach().requires_grad_() for name, p in parameters.items()}
