"""Rounding with error compensation: GPTQ (Frantar et al., ICLR 2023, arXiv 2210.17323).

The weights of an output are rounded one input after the other. The error that each rounding causes
in the output, for the calibration inputs, is compensated by the weights not yet rounded.
"""

from __future__ import annotations

import torch
from torch import Tensor

from benchmark.compression.storage.encodings.uniform import Uniform

DAMPING = 0.01
"""Added to the diagonal of a Hessian, relative to its mean (section 3.3, step 3)."""

BLOCK = 128
"""Inputs whose errors are compensated within a block before they are in all others."""


def gptq(weight: Tensor, hessians: Tensor, grid: Uniform) -> Tensor:
    """`weight` (O, ...) on `grid`, equation 2 and algorithm 1.

    `hessians` (G, F, F), float64, are the sums of products of the F inputs of each of G equal
    groups of outputs. Weights that are zero stay zero, which preserves pruning. Weights of inputs
    that are always zero are rounded to the nearest.
    """
    num_groups, num_inputs, _ = hessians.shape
    parts = (num_groups, -1, num_inputs)
    factor = _factor(hessians)
    step = grid.steps(weight.shape).expand(weight.shape).reshape(parts).double()
    least, largest = (
        b.expand(weight.shape).reshape(parts).double() for b in grid.bounds(weight.shape)
    )
    left = weight.reshape(parts).double()
    pruned = left == 0
    rounded = torch.zeros_like(left)
    for start in range(0, num_inputs, BLOCK):
        end = min(start + BLOCK, num_inputs)
        errors = torch.zeros_like(left[..., start:end])
        for i in range(start, end):
            codes = (left[..., i] / step[..., i]).round()
            codes = codes.clamp(least[..., i], largest[..., i]).masked_fill(pruned[..., i], 0.0)
            rounded[..., i] = codes * step[..., i]
            error = (left[..., i] - rounded[..., i]) / factor[:, i, i, None]
            left[..., i:end] -= error[..., None] * factor[:, i, None, i:end]
            errors[..., i - start] = error
        left[..., end:] -= errors @ factor[:, start:end, end:]
    return grid.nearest(rounded.float().reshape(weight.shape))


def _factor(hessians: Tensor) -> Tensor:
    """The upper Cholesky factors of the inverses of the damped Hessians, (G, F, F)."""
    diagonal = hessians.diagonal(dim1=1, dim2=2)
    damping = DAMPING * diagonal.mean(1, keepdim=True)
    silent = diagonal == 0
    damped = hessians + torch.diag_embed(damping + silent.to(hessians))
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(damped))
    factor: Tensor = torch.linalg.cholesky(inverse, upper=True)
    return factor
