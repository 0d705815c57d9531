"""Muon as a pure, differentiable function; see `functional` for the conventions."""

from __future__ import annotations

from torch import Tensor

from benchmark.optimizers.stepping.functional import (
    TINY,
    State,
    Tensors,
    Updated,
    adamw,
    average,
)

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Coefficients of the quintic with a steep slope at zero (Jordan et al. 2024)."""


def muon(
    parameters: Tensors,
    gradients: Tensors,
    state: State,
    *,
    lr: float,
    momentum: float = 0.95,
    betas: tuple[float, float] = (0.9, 0.999),
    weight_decay: float = 0.01,
) -> Updated:
    """Muon with Nesterov momentum and AdamW's step length for matrices, AdamW for all others.

    It computes in the type of the gradients, while torch rounds to bfloat16.
    """
    matrices = {name: g for name, g in gradients.items() if g.ndim == 2}
    others = {name: g for name, g in gradients.items() if g.ndim != 2}
    rest = adamw(
        {name: parameters[name] for name in others},
        others,
        state,
        lr=lr,
        betas=betas,
        weight_decay=weight_decay,
    )
    buffer = average(matrices, state.moments.get("velocity"), momentum)
    stepped = {}
    for name, g in matrices.items():
        update = orthogonal((1 - momentum) * g + momentum * buffer[name])
        length = 0.2 * max(g.shape) ** 0.5
        stepped[name] = parameters[name] * (1 - lr * weight_decay) - lr * length * update
    new = {name: stepped[name] if name in stepped else rest.parameters[name] for name in parameters}
    return Updated(new, State(state.step + 1, {**rest.state.moments, "velocity": buffer}))


def orthogonal(matrix: Tensor, steps: int = 5) -> Tensor:
    """A matrix (M, N) with its singular values moved close to 1, by Newton-Schulz iteration.

    They end between about 0.7 and 1.2, because fast convergence matters more than precision.
    """
    a, b, c = COEFFICIENTS
    x = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    x = x / ((x * x).sum() + TINY).sqrt().clamp(min=1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if matrix.shape[0] > matrix.shape[1] else x
