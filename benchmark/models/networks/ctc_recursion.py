"""The sums over all alignments of CTC, vectorised over a batch: the reference of the kernels.

Recursions run in float64 whatever the dtype of the network: in float32 the error of the second
derivative reaches 10 % and more at a few hundred frames. Emissions are part of both alpha and beta
here and in Graves et al., ICML 2006. Dimensions: N utterances, T frames, S units, K = 2 S + 1
states (units with blanks around them), C classes.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

INF = float("inf")
Saved = tuple[Tensor, ...]


def losses(
    log_probs: Tensor, lengths: Tensor, targets: Tensor, target_lengths: Tensor
) -> tuple[Tensor, Saved]:
    """The negative log-likelihood of each utterance's targets, (N,), and what its derivatives need.

    It is zero where targets cannot fit. `ctc_loss` describes the arguments; log_probs (N, T, C).
    """
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
    visits = (alpha + beta - emissions - total[:, None, None]).exp().masked_fill(dead, 0.0)
    negative = (-total).masked_fill(total == -INF, 0.0).to(log_probs.dtype)
    return negative, (visits, alphas, both, *lattice)


def posteriors(log_probs: Tensor, saved: Saved) -> Tensor:
    """Expected visits to each class in each frame, (N, T, C)."""
    visits, _, _, *lattice = saved
    return _by_class(visits, _Lattice(*lattice), log_probs.shape[2]).to(log_probs.dtype)


def tangent(direction: Tensor, log_probs: Tensor, saved: Saved) -> Tensor:
    """Change of the posteriors as the log_probs change in a direction (N, T, C)."""
    visits, alphas, emissions, *rest = saved
    lattice = _Lattice(*rest)
    change = _emissions(direction, lattice)
    tangents = _alpha_tangents(_both_ways(change, lattice), alphas, emissions, lattice.skip)
    alpha, beta = _back(tangents, lattice)
    total = (visits * change).sum((1, 2), keepdim=True)
    changes = visits * (alpha + beta - change - total)
    return _by_class(changes, lattice, log_probs.shape[2]).to(direction.dtype)


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
