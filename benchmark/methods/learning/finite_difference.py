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

from benchmark.methods.learning.inner import Loss, gradient, leaves
from benchmark.optimizers.stepping.functional import State, Tensors, Update, clipped

STEP = 1e-5
"""Relative step of a difference; with a step ten times as large, results are off by a third."""

SLOPE = "slope of "


def meta_gradient(
    parameters: Mapping[str, Tensor],
    support_loss: Loss,
    query_loss: Loss,
    steps: int,
    update: Update,
    clip: float | None,
) -> dict[str, Tensor]:
    """The result of `query_gradient` with `second_order`, for an `update` without moments."""
    points = [leaves(parameters)]
    slopes = []
    for _ in range(steps):
        slopes.append(gradient(support_loss(points[-1]), points[-1]))
        with torch.no_grad():
            points.append(leaves(update(points[-1], clipped(slopes[-1], clip), State()).parameters))
    back = gradient(query_loss(points[-1]), points[-1])
    for point, slope in zip(reversed(points[:-1]), reversed(slopes), strict=True):
        at, along = leaves(point), leaves(slope)
        after = update(at, clipped(along, clip), State()).parameters
        arrived = torch.stack([(after[name] * back[name]).sum() for name in after]).sum()
        by_both = gradient(arrived, {**at, **{SLOPE + name: g for name, g in along.items()}})
        turned = _times_hessian(support_loss, point, {n: by_both[SLOPE + n] for n in point})
        back = {name: by_both[name] + turned[name] for name in point}
    return back


def _times_hessian(loss: Loss, point: Tensors, direction: Tensors) -> dict[str, Tensor]:
    size = _norm(direction)
    # Along no direction both ends are the same point, and the difference is zero.
    step = STEP * (1 + _norm(point)) / torch.where(size > 0, size, 1)
    ends = []
    for sign in (1, -1):
        there = leaves({name: p + sign * step * direction[name] for name, p in point.items()})
        ends.append(gradient(loss(there), there))
    return {name: (ends[0][name] - ends[1][name]) / (2 * step) for name in point}


def _norm(tensors: Tensors) -> Tensor:
    norms = torch.stack([t.detach().double().norm() for t in tensors.values()])
    norm: Tensor = torch.linalg.vector_norm(norms)
    return norm
