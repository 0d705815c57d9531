"""Connectionist temporal classification that can be differentiated twice.

`torch.nn.functional.ctc_loss` has no second derivative, which exact MAML needs. Here the first
gradient is closed-form (the posteriors) and the second is the exact tangent of the same
recursions, so neither builds a graph over time. Recursions run in float64 whatever the dtype of
the network: in float32 the error of the second derivative reaches 10 % and more at a few hundred
frames.

Graves et al., "Connectionist Temporal Classification", ICML 2006, sections 4.1 and 4.2; emissions
are part of both alpha and beta there and here. Dimensions: N utterances, T frames, S units,
K = 2 S + 1 states (units with blanks around them), C classes. Class 0 is the blank.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from benchmark.stacking import joined, outside, split, stack_size

INF = float("inf")


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
    losses: Tensor = _Loss.apply(log_probs, lengths, targets, target_lengths)  # type: ignore[no-untyped-call]
    return losses


@torch.enable_grad()
def _slope(logits: Tensor, lengths: Tensor, targets: Tensor, target_lengths: Tensor) -> Tensor:
    logits = logits.detach().requires_grad_()
    losses = _losses(logits, lengths, targets, target_lengths)
    return torch.autograd.grad(losses.sum(), logits)[0]


class _Lattice(NamedTuple):
    """The states of a batch, each utterance also reversed in time and units (rows N to 2 N).

    labels  (N, K) class of each state
    skip    (2 N, K) 0 where a state can be entered from two states before, else -inf
    inside  (N, T, K) whether frame and state belong to the utterance
    mirror  (N, T * K) where frame and state lie in the reversed utterance; its own inverse
    last    (N,) flat index of the last frame's last state
    """

    labels: Tensor
    skip: Tensor
    inside: Tensor
    mirror: Tensor
    last: Tensor


def _lattice(num_frames: int, lengths: Tensor, targets: Tensor, target_lengths: Tensor) -> _Lattice:
    device = targets.device
    labels = targets.new_zeros(len(targets), 2 * targets.shape[1] + 1)
    labels[:, 1::2] = targets
    frames = torch.arange(num_frames, device=device)
    states = torch.arange(labels.shape[1], device=device)
    num_states = 2 * target_lengths[:, None] + 1
    # Padding is mirrored onto itself, so that the mirror undoes itself everywhere.
    frame_mirror = torch.where(frames < lengths[:, None], lengths[:, None] - 1 - frames, frames)
    state_mirror = torch.where(states < num_states, num_states - 1 - states, states)
    mirror = frame_mirror[:, :, None] * len(states) + state_mirror[:, None, :]
    both = torch.cat([labels, labels.gather(1, state_mirror)])
    skip = torch.full(both.shape, -INF, dtype=torch.float64, device=device)
    skip[:, 2:].masked_fill_((both[:, 2:] != 0) & (both[:, 2:] != both[:, :-2]), 0.0)
    inside = (frames < lengths[:, None])[:, :, None] & (states < num_states)[:, None, :]
    last = (lengths - 1) * len(states) + num_states[:, 0] - 1
    return _Lattice(labels, skip, inside, mirror.flatten(1), last)


def _both_ways(x: Tensor, lattice: _Lattice) -> Tensor:
    """(N, T, K) to (T, 2 N, K): each utterance, then each one reversed."""
    reversed_ = x.flatten(1).gather(1, lattice.mirror).view_as(x)
    return torch.cat([x, reversed_]).transpose(0, 1).contiguous()


def _back(x: Tensor, lattice: _Lattice) -> tuple[Tensor, Tensor]:
    """The inverse of `_both_ways`: two (N, T, K)."""
    forward, backward = x.transpose(0, 1).chunk(2)
    backward = backward.flatten(1).gather(1, lattice.mirror).view_as(forward)
    return forward, backward


def _emissions(values: Tensor, lattice: _Lattice) -> Tensor:
    """The values (N, T, C) of each state's class, (N, T, K) float64."""
    index = lattice.labels[:, None, :].expand(-1, values.shape[1], -1)
    return values.gather(2, index).double()


def _by_class(values: Tensor, lattice: _Lattice, num_classes: int) -> Tensor:
    """The sums of values (N, T, K) over the states of each class, (N, T, C)."""
    # A product because scatter_add adds in random order on CUDA; no `one_hot`, which on a CPU
    # reads its argument.
    classes = torch.arange(num_classes, device=values.device)
    return values @ (lattice.labels[:, :, None] == classes).to(values.dtype)


def _alphas(emissions: Tensor, skip: Tensor) -> Tensor:
    """Log-probability of all paths to each state, (T, 2 N, K + 2); the first two states are
    dead."""
    num_frames, rows, num_states = emissions.shape
    alphas = emissions.new_full((num_frames, rows, num_states + 2), -INF)
    alphas[0, :, 2:4] = emissions[0, :, :2]
    stay, step, jump = (alphas[:, :, i : i + num_states].unbind() for i in (2, 1, 0))
    a, b = torch.empty_like(skip), torch.empty_like(skip)
    for t, emission in enumerate(emissions.unbind()[1:]):
        torch.logaddexp(stay[t], step[t], out=a)
        torch.add(jump[t], skip, out=b)
        torch.logaddexp(a, b, out=a)
        torch.add(a, emission, out=stay[t + 1])
    return alphas


def _alpha_tangents(direction: Tensor, alphas: Tensor, emissions: Tensor, skip: Tensor) -> Tensor:
    """Derivative of `_alphas` along a change of the emissions, (T, 2 N, K); zero in dead states."""
    num_frames, rows, num_states = emissions.shape
    # The share of each incoming path; a dead state has none, and -inf - -inf is not a number.
    before = (alphas[1:, :, 2:] - emissions[1:]).nan_to_num(nan=-INF, neginf=-INF)
    sources = (alphas[:-1, :, 2:], alphas[:-1, :, 1:-1], alphas[:-1, :, :-2] + skip)
    shares = [(source - before).exp().nan_to_num(nan=0.0, posinf=0.0) for source in sources]
    stay_share, step_share, jump_share = (share.unbind() for share in shares)
    tangents = direction.new_zeros(num_frames, rows, num_states + 2)
    tangents[:, :, 2:] = direction.masked_fill(alphas[:, :, 2:] == -INF, 0.0)
    stay, step, jump = (tangents[:, :, i : i + num_states].unbind() for i in (2, 1, 0))
    for t in range(num_frames - 1):
        stay[t + 1].addcmul_(stay_share[t], stay[t])
        stay[t + 1].addcmul_(step_share[t], step[t])
        stay[t + 1].addcmul_(jump_share[t], jump[t])
    return tangents[:, :, 2:]


class _Loss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, log_probs: Tensor, lengths: Tensor, targets: Tensor, target_lengths: Tensor
    ) -> Tensor:
        lattice = _lattice(log_probs.shape[1], lengths, targets, target_lengths)
        emissions = _emissions(log_probs, lattice)
        both = _both_ways(emissions, lattice)
        alphas = _alphas(both, lattice.skip)
        alpha, beta = _back(alphas[:, :, 2:], lattice)
        ends = alpha.flatten(1).gather(1, lattice.last[:, None])[:, 0]
        # The state before the last, a unit, can also be final; an empty target has only the blank.
        units = alpha.flatten(1).gather(1, (lattice.last[:, None] - 1).clamp(min=0))[:, 0]
        total = torch.logaddexp(ends, units.masked_fill(target_lengths == 0, -INF))
        dead = ~lattice.inside | (alpha == -INF) | (beta == -INF) | (total == -INF)[:, None, None]
        posteriors = (alpha + beta - emissions - total[:, None, None]).exp()
        ctx.lattice = lattice
        ctx.save_for_backward(log_probs, posteriors.masked_fill(dead, 0.0), alphas, both)
        return (-total).masked_fill(total == -INF, 0.0).to(log_probs.dtype)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
        log_probs, posteriors, alphas, emissions = ctx.saved_tensors
        gamma: Tensor = _Posteriors.apply(  # type: ignore[no-untyped-call]
            log_probs, posteriors, alphas, emissions, ctx.lattice
        )
        return -grad[:, None, None] * gamma, None, None, None


class _Posteriors(torch.autograd.Function):
    """The negative gradient of `_Loss`: expected visits to each class, (N, T, C)."""

    @staticmethod
    def forward(
        ctx: Any,
        log_probs: Tensor,
        posteriors: Tensor,
        alphas: Tensor,
        emissions: Tensor,
        lattice: _Lattice,
    ) -> Tensor:
        ctx.lattice = lattice
        ctx.save_for_backward(posteriors, alphas, emissions)
        return _by_class(posteriors, lattice, log_probs.shape[2]).to(log_probs.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, direction: Tensor) -> tuple[Tensor, None, None, None, None]:
        # The Jacobian of the posteriors is a Hessian, hence symmetric: its product with a
        # direction from the left is the tangent of the posteriors in that direction.
        posteriors, alphas, emissions = ctx.saved_tensors
        change = _emissions(direction, ctx.lattice)
        tangents = _alpha_tangents(
            _both_ways(change, ctx.lattice), alphas, emissions, ctx.lattice.skip
        )
        alpha, beta = _back(tangents, ctx.lattice)
        total = (posteriors * change).sum((1, 2), keepdim=True)
        tangent = posteriors * (alpha + beta - change - total)
        gamma = _by_class(tangent, ctx.lattice, direction.shape[2])
        return gamma.to(direction.dtype), None, None, None, None
