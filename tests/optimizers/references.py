"""Optimizers written down from their papers, for one tensor at a constant learning rate.

Each is a generator: it is sent gradients and yields the steps to add to the weights. Those whose
step depends on the weights are handed the tensor, and read it before it is changed.
"""

from __future__ import annotations

from collections.abc import Generator

import torch
from torch import Tensor

Steps = Generator[Tensor, Tensor, None]


def lion(weights: Tensor, lr: float, beta1=0.9, beta2=0.99, weight_decay=0.0) -> Steps:
    """Chen et al. 2023, algorithm 2."""
    m, step = torch.zeros_like(weights), torch.zeros_like(weights)
    while True:
        g = yield step
        step = -lr * (torch.sign(beta1 * m + (1 - beta1) * g) + weight_decay * weights)
        m = beta2 * m + (1 - beta2) * g


def adan(weights: Tensor, lr: float, beta1=0.98, beta2=0.92, beta3=0.99, eps=1e-8) -> Steps:
    """Xie et al. 2022, algorithm 1; betas as the share that is kept, bias corrected as in its
    code, no difference at the first step."""
    m, v, n = (torch.zeros_like(weights) for _ in range(3))
    step, before, t = torch.zeros_like(weights), None, 0
    while True:
        g = yield step
        t += 1
        change = torch.zeros_like(g) if before is None else g - before
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * change
        n = beta3 * n + (1 - beta3) * (g + beta2 * change) ** 2
        mean = m / (1 - beta1**t) + beta2 * v / (1 - beta2**t)
        step = -lr * mean / ((n / (1 - beta3**t)).sqrt() + eps)
        before = g


def lamb(weights: Tensor, lr: float, beta1=0.9, beta2=0.999, eps=1e-6) -> Steps:
    """You et al. 2020, algorithm 2 in its third version, which corrects no bias; norm capped
    at 10."""
    m, v, step = (torch.zeros_like(weights) for _ in range(3))
    while True:
        g = yield step
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        ratio = m / (v.sqrt() + eps)
        step = -lr * min(weights.norm().item(), 10) / (ratio.norm() + eps) * ratio


def soap(weights: Tensor, lr: float, beta1=0.95, beta2=0.95, eps=1e-8) -> Steps:
    """Vyas et al. 2024, algorithm 3, as long as the basis is that of the first gradient."""
    g = yield torch.zeros_like(weights)
    if g.ndim == 2:
        left, right = torch.linalg.eigh(g @ g.T)[1], torch.linalg.eigh(g.T @ g)[1]
    else:
        left = right = None
    m, v, step, t = torch.zeros_like(g), torch.zeros_like(g), torch.zeros_like(g), 0
    while True:
        g = yield step
        t += 1
        m = beta1 * m + (1 - beta1) * g
        turned = g if left is None else left.T @ g @ right
        v = beta2 * v + (1 - beta2) * turned**2
        mean = m if left is None else left.T @ m @ right
        adam = (mean / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + eps)
        step = -lr * (adam if left is None else left @ adam @ right.T)


def shampoo(weights: Tensor, lr: float, beta1=0.9, beta2=0.999, frequency=5) -> Steps:
    """Anil et al. 2021, algorithm 1, grafted onto SGD; inverse roots by eigenvalues."""
    left = 1e-6 * torch.eye(weights.shape[0], dtype=weights.dtype)
    right = 1e-6 * torch.eye(weights.shape[-1], dtype=weights.dtype)
    roots = None
    plain, shaped, step, t = torch.zeros_like(weights), torch.zeros_like(weights), 0 * weights, 0
    while True:
        g = yield step
        t += 1
        direction = g
        if g.ndim == 2:
            left = beta2 * left + (1 - beta2) * g @ g.T
            right = beta2 * right + (1 - beta2) * g.T @ g
            if t % frequency == 0:
                roots = _inverse_root(left, 4), _inverse_root(right, 4)
            if roots is not None:
                direction = roots[0] @ g @ roots[1]
        direction = direction * g.norm() / direction.norm()
        plain, shaped = beta1 * plain + g, beta1 * shaped + direction
        momentum, last = (shaped, direction) if t >= frequency else (plain, g)
        step = -lr * (beta1 * momentum + last)


def sophia(weights: Tensor, lr: float, curvature: Tensor, beta1=0.96, beta2=0.99, gamma=0.01):
    """Liu et al. 2024, algorithm 3, with a Hessian estimate that is always `curvature`, renewed
    at every step."""
    m, h, step = (torch.zeros_like(weights) for _ in range(3))
    while True:
        g = yield step
        m = beta1 * m + (1 - beta1) * g
        h = beta2 * h + (1 - beta2) * curvature
        step = -lr * (m / (gamma * h).clamp(min=1e-12)).clamp(-1, 1)


def prodigy(weights: Tensor, lr: float, beta1=0.9, beta2=0.999, d_coef=0.3, eps=1e-8) -> Steps:
    """Mishchenko and Defazio 2024, algorithm 4, warm-up kept out of the estimate."""
    start, d = weights.clone(), 1e-6
    first = d
    m, v, s, r, step = *(torch.zeros_like(weights) for _ in range(3)), 0.0, 0 * weights
    while True:
        g = yield step
        m = beta1 * m + (1 - beta1) * d * g
        v = beta2 * v + (1 - beta2) * (d * g) ** 2
        r = beta2**0.5 * r + d / first * d * lr * (g * (start - weights)).sum().item()
        s = beta2**0.5 * s + d / first * d * g
        found = d_coef * r / s.abs().sum().item()
        new = max(d, found)
        step = -d * lr * m / (v.sqrt() + new * eps)
        d = new


def _inverse_root(matrix: Tensor, power: int) -> Tensor:
    """With the ridge of the reference code: 1e-6 of the largest eigenvalue."""
    values, vectors = torch.linalg.eigh(matrix)
    values = (values + 1e-6 * values.max()).clamp(min=1e-30)
    return vectors @ torch.diag(values ** (-1 / power)) @ vectors.T
