"""Curvature of a loss, for optimizers that use it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def hutchinson(
    loss: Tensor, parameters: Sequence[Tensor]
) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    """The gradient, and an unbiased estimate of the diagonal of the Hessian, each per parameter.

    The estimate is z * Hz for one normally distributed z (Hutchinson 1989) from torch's global
    generator. It takes a second backward pass but no further forward pass.
    """
    gradients = torch.autograd.grad(loss, parameters, create_graph=True, materialize_grads=True)
    directions = [torch.randn_like(p) for p in parameters]
    slopes = [(g, z) for g, z in zip(gradients, directions, strict=True) if g.requires_grad]
    products = torch.autograd.grad(
        [g for g, _ in slopes], parameters, [z for _, z in slopes], materialize_grads=True
    )
    diagonal = tuple(z * hz for z, hz in zip(directions, products, strict=True))
    return tuple(g.detach() for g in gradients), diagonal
