"""Connectionist temporal classification that can be differentiated twice.

`torch.nn.functional.ctc_loss` has no second derivative, which exact MAML needs. Here the first
gradient is closed-form (the posteriors) and the second is the exact tangent of the same
recursions, so neither builds a graph over time.

Graves et al., "Connectionist Temporal Classification", ICML 2006, sections 4.1 and 4.2.
Dimensions: N utterances, T frames, S units, C classes. Class 0 is the blank.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from benchmark.models.networks import ctc_recursion
from benchmark.stacking import joined, outside, split, stack_size


def ctc_loss(logits: Tensor, lengths: Tensor, targets: Tensor, target_lengths: Tensor) -> Tensor:
    """Negative log-likelihood of each utterance's targets, (N,); zero for targets that cannot fit.

    logits          (N, T, C), before softmax
    lengths         (N,) frames, at least one each
    targets         (N, S) classes, 1 or more; padding is ignored
    target_lengths  (N,) units, zero allowed
    """
    return _in_one_batch(_losses, logits, lengths, targets, target_lengths)


def ctc_slope(logits: Tensor, lengths: Tensor, targets: Tensor, target_lengths: Tensor) -> Tensor:
    """The gradient of `ctc_loss` with respect to the logits, (N, T, C), as a constant."""
    return _in_one_batch(_slope, logits, lengths, targets, target_lengths)


def mean_ctc_loss(
    logits: Tensor, lengths: Tensor, targets: Tensor, target_lengths: Tensor
) -> Tensor:
    """Mean over utterances of `ctc_loss` per unit, as `F.ctc_loss(reduction="mean")` has it."""
    losses = ctc_loss(logits, lengths, targets, target_lengths)
    return (losses / target_lengths.clamp(min=1)).mean()


def _in_one_batch(compute: Callable[..., Tensor], *tensors: Tensor) -> Tensor:
    """What `compute` makes of a batch; the utterances of a stack of learners are one batch."""
    size = stack_size()
    if size is None:
        return compute(*tensors)
    whole = [joined(tensor) for tensor in tensors]
    with outside():
        result = compute(*(tensor.flatten(0, 1) for tensor in whole))
        result = result.view(size, -1, *result.shape[1:])
    return split(result)


def _losses(logits: Tensor, lengths: Tensor, targets: Tensor, target_lengths: Tensor) -> Tensor:
    at_least_float32 = torch.promote_types(logits.dtype, torch.float32)
    log_probs = functional.log_softmax(logits, dim=-1, dtype=at_least_float32)
    recursion = recursion_for(logits.device, targets.shape[1])
    losses: Tensor = _Loss.apply(  # type: ignore[no-untyped-call]
        recursion, log_probs, lengths, targets, target_lengths
    )
    return losses


@torch.enable_grad()
def _slope(logits: Tensor, lengths: Tensor, targets: Tensor, target_lengths: Tensor) -> Tensor:
    logits = logits.detach().requires_grad_()
    losses = _losses(logits, lengths, targets, target_lengths)
    return torch.autograd.grad(losses.sum(), logits)[0]


class Recursion(Protocol):
    """The sums over all alignments: `ctc_recursion` describes the functions."""

    def losses(
        self, log_probs: Tensor, lengths: Tensor, targets: Tensor, target_lengths: Tensor
    ) -> tuple[Tensor, tuple[Tensor, ...]]: ...

    def posteriors(self, log_probs: Tensor, saved: tuple[Tensor, ...]) -> Tensor: ...

    def tangent(
        self, direction: Tensor, log_probs: Tensor, saved: tuple[Tensor, ...]
    ) -> Tensor: ...


def recursion_for(device: torch.device, num_units: int) -> Recursion:
    """Kernels of Triton on a CUDA device that can run them, else vectorised torch."""
    if device.type == "cuda":
        from benchmark.models.networks import ctc_kernels

        if num_units <= ctc_kernels.MOST_UNITS and ctc_kernels.problem(device) is None:
            from benchmark.models.networks import ctc_triton

            return ctc_triton
    return ctc_recursion


class _Loss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        recursion: Recursion,
        log_probs: Tensor,
        lengths: Tensor,
        targets: Tensor,
        target_lengths: Tensor,
    ) -> Tensor:
        losses, saved = recursion.losses(log_probs, lengths, targets, target_lengths)
        ctx.recursion = recursion
        ctx.save_for_backward(log_probs, *saved)
        return losses

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[None, Tensor, None, None, None]:
        gamma: Tensor = _Posteriors.apply(  # type: ignore[no-untyped-call]
            ctx.recursion, *ctx.saved_tensors
        )
        return None, -grad[:, None, None] * gamma, None, None, None


class _Posteriors(torch.autograd.Function):
    """The negative gradient of `_Loss`: expected visits to each class, (N, T, C)."""

    @staticmethod
    def forward(ctx: Any, recursion: Recursion, log_probs: Tensor, *saved: Tensor) -> Tensor:
        ctx.recursion = recursion
        ctx.save_for_backward(log_probs, *saved)
        return recursion.posteriors(log_probs, saved)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, direction: Tensor) -> tuple[Tensor | None, ...]:
        # The Jacobian of the posteriors is a Hessian, hence symmetric: its product with a
        # direction from the left is the tangent of the posteriors in that direction.
        log_probs, *saved = ctx.saved_tensors
        tangent = ctx.recursion.tangent(direction, log_probs, tuple(saved))
        return None, tangent, *(None for _ in saved)
