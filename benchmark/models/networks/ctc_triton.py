"""The sums over all alignments of CTC as kernels of Triton, with the values of `ctc_recursion`.

One program walks through the frames of one utterance, forward (alpha) or backward (beta); each lane
is a state. Lanes read their neighbours' last values from memory, where they are stored anyway,
after a barrier. A second kernel sums states by class, a few frames a program, in a fixed order.
So results are the same each time, and nothing is read back: a CUDA graph can capture them. Loops
are `while`, since a `for` with a loaded bound is not interpreted on a CPU with numpy 2.4.

Dimensions: N utterances, T frames, S units, K = 2 S + 1 states, C classes. Numbers are float64.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

Saved = tuple[Tensor, ...]

SIZES = ("num_frames", "num_units", "num_classes")
"""Arguments for whose values no kernel is compiled anew."""


def losses(
    log_probs: Tensor, lengths: Tensor, targets: Tensor, target_lengths: Tensor
) -> tuple[Tensor, Saved]:
    """As `ctc_recursion.losses`."""
    num_utterances, num_frames, num_classes = log_probs.shape
    num_units = targets.shape[1]
    texts = lengths.contiguous(), targets.contiguous(), target_lengths.contiguous()
    log_probs = log_probs.contiguous()
    alphas = _doubles(log_probs, 2, num_utterances, num_frames, 2 * num_units + 1)
    totals = _doubles(log_probs, num_utterances)
    negative = log_probs.new_empty(num_utterances)
    block = _block(num_units)
    _walk[num_utterances, 2](
        log_probs,
        *texts,
        alphas,
        totals,
        negative,
        num_frames,
        num_units,
        num_classes,
        block,
        num_warps=_num_warps(block),
        num_stages=1,
    )
    return negative, (alphas, totals, *texts)


def posteriors(log_probs: Tensor, saved: Saved) -> Tensor:
    """As `ctc_recursion.posteriors`."""
    # Without a tangent its arguments are not read.
    return _by_class(log_probs, log_probs, saved, saved[0], saved[1], is_tangent=False)


def tangent(direction: Tensor, log_probs: Tensor, saved: Saved) -> Tensor:
    """As `ctc_recursion.tangent`."""
    alphas, totals, *texts = saved
    num_utterances, num_frames, num_classes = log_probs.shape
    num_units = texts[1].shape[1]
    direction = direction.contiguous()
    changes, total_changes = torch.empty_like(alphas), torch.empty_like(totals)
    block = _block(num_units)
    _walk_tangent[num_utterances, 2](
        log_probs.contiguous(),
        direction,
        *texts,
        alphas,
        totals,
        changes,
        total_changes,
        num_frames,
        num_units,
        num_classes,
        block,
        num_warps=_num_warps(block),
        num_stages=1,
    )
    return _by_class(log_probs, direction, saved, changes, total_changes, is_tangent=True)


def _by_class(
    log_probs: Tensor,
    direction: Tensor,
    saved: Saved,
    changes: Tensor,
    total_changes: Tensor,
    is_tangent: bool,
) -> Tensor:
    alphas, totals, *texts = saved
    num_utterances, num_frames, num_classes = log_probs.shape
    num_units = texts[1].shape[1]
    block = _block(num_units)
    frames = max(1, min(16, 1024 // block))
    sums = torch.empty(log_probs.shape, dtype=log_probs.dtype, device=log_probs.device)
    visits = _doubles(log_probs, num_utterances, num_frames, num_units)
    _sum_by_class[num_utterances, triton.cdiv(num_frames, frames)](
        log_probs.contiguous(),
        direction,
        *texts,
        alphas,
        totals,
        changes,
        total_changes,
        visits,
        sums,
        num_frames,
        num_units,
        num_classes,
        is_tangent,
        frames,
        block,
        num_warps=4,
        num_stages=1,
    )
    return sums


def _doubles(like: Tensor, *shape: int) -> Tensor:
    return torch.empty(shape, dtype=torch.float64, device=like.device)


def _block(num_units: int) -> int:
    """Lanes for the states of this many units, a power of two."""
    return max(32, 1 << (2 * num_units).bit_length())


def _num_warps(block: int) -> int:
    """One lane a thread, but four where states are many."""
    return min(8, block // 32)


@triton.jit
def _lanes(targets, num_targets, backward, block: tl.constexpr):
    """The state of each lane, whether it has one, its class, and if it can be entered from two
    lanes before."""
    lane = tl.arange(0, block)
    inside = lane < 2 * num_targets + 1
    state = tl.where(backward == 1, 2 * num_targets - lane, lane)
    is_unit = inside & (lane % 2 == 1)
    label = tl.load(targets + state // 2, mask=is_unit, other=0)
    has_before = is_unit & (lane > 2)
    before = tl.load(targets + state // 2 - 1 + 2 * backward, mask=has_before, other=0)
    return lane, state, inside, label, has_before & (label != before)


@triton.jit(do_not_specialize=SIZES)
def _walk(
    log_probs,
    lengths,
    targets,
    target_lengths,
    alphas,
    totals,
    losses,
    num_frames,
    num_units,
    num_classes,
    block: tl.constexpr,
):
    """Alphas, or betas, of one utterance, and its log-likelihood."""
    utterance, backward = tl.program_id(0).to(tl.int64), tl.program_id(1)
    num_states = 2 * num_units + 1
    length = tl.load(lengths + utterance).to(tl.int32)
    num_targets = tl.load(target_lengths + utterance).to(tl.int32)
    targets += utterance * num_units
    log_probs += utterance * num_frames * num_classes
    alphas += (backward * tl.num_programs(0) + utterance) * num_frames * num_states
    lane, state, inside, label, can_jump = _lanes(targets, num_targets, backward, block)
    step = 1 - 2 * backward
    first = backward * (length - 1)
    minus_inf = -float("inf")

    emission = tl.load(log_probs + first * num_classes + label).to(tl.float64)
    alpha = tl.where(inside & (lane < 2), emission, minus_inf)
    tl.store(alphas + first * num_states + state, alpha, mask=inside)
    t = 1
    while t < length:
        frame = first + step * t
        tl.debug_barrier()
        before = alphas + (frame - step) * num_states + state
        one = tl.load(before - step, mask=inside & (lane > 0), other=minus_inf)
        two = tl.load(before - 2 * step, mask=can_jump, other=minus_inf)
        emission = tl.load(log_probs + frame * num_classes + label).to(tl.float64)
        peak = tl.maximum(alpha, tl.maximum(one, two))
        peak = tl.where(peak == minus_inf, 0.0, peak)
        ways = tl.exp(alpha - peak) + tl.exp(one - peak) + tl.exp(two - peak)
        alpha = peak + tl.log(ways) + emission
        tl.store(alphas + frame * num_states + state, alpha, mask=inside)
        t += 1

    if backward == 0:
        ends = tl.where(inside & (lane >= 2 * num_targets - 1), alpha, minus_inf)
        peak = tl.max(ends, 0)
        peak = tl.where(peak == minus_inf, 0.0, peak)
        total = peak + tl.log(tl.sum(tl.exp(ends - peak), 0))
        tl.store(totals + utterance, total)
        tl.store(losses + utterance, tl.where(total == minus_inf, 0.0, -total))


@triton.jit(do_not_specialize=SIZES)
def _walk_tangent(
    log_probs,
    direction,
    lengths,
    targets,
    target_lengths,
    alphas,
    totals,
    changes,
    total_changes,
    num_frames,
    num_units,
    num_classes,
    block: tl.constexpr,
):
    """The change of what `_walk` computes as the emissions change in a direction.

    The change of a state is that of its emission and of the states before it, each by its share of
    the paths; states that no path reaches have none.
    """
    utterance, backward = tl.program_id(0).to(tl.int64), tl.program_id(1)
    num_states = 2 * num_units + 1
    length = tl.load(lengths + utterance).to(tl.int32)
    num_targets = tl.load(target_lengths + utterance).to(tl.int32)
    targets += utterance * num_units
    log_probs += utterance * num_frames * num_classes
    direction += utterance * num_frames * num_classes
    alphas += (backward * tl.num_programs(0) + utterance) * num_frames * num_states
    changes += (backward * tl.num_programs(0) + utterance) * num_frames * num_states
    lane, state, inside, label, can_jump = _lanes(targets, num_targets, backward, block)
    can_step = inside & (lane > 0)
    step = 1 - 2 * backward
    first = backward * (length - 1)
    minus_inf = -float("inf")

    alpha = tl.load(alphas + first * num_states + state, mask=inside, other=minus_inf)
    change = tl.load(direction + first * num_classes + label).to(tl.float64)
    change = tl.where(alpha > minus_inf, change, 0.0)
    tl.store(changes + first * num_states + state, change, mask=inside)
    t = 1
    while t < length:
        frame = first + step * t
        before = (frame - step) * num_states + state
        stay = alpha
        one = tl.load(alphas + before - step, mask=can_step, other=minus_inf)
        two = tl.load(alphas + before - 2 * step, mask=can_jump, other=minus_inf)
        alpha = tl.load(alphas + frame * num_states + state, mask=inside, other=minus_inf)
        emission = tl.load(log_probs + frame * num_classes + label).to(tl.float64)
        own = tl.load(direction + frame * num_classes + label).to(tl.float64)
        entered = alpha - emission
        tl.debug_barrier()
        change_one = tl.load(changes + before - step, mask=can_step, other=0.0)
        change_two = tl.load(changes + before - 2 * step, mask=can_jump, other=0.0)
        change = own + tl.exp(stay - entered) * change
        change += tl.exp(one - entered) * change_one + tl.exp(two - entered) * change_two
        change = tl.where(alpha > minus_inf, change, 0.0)
        tl.store(changes + frame * num_states + state, change, mask=inside)
        t += 1

    if backward == 0:
        total = tl.load(totals + utterance)
        is_end = inside & (lane >= 2 * num_targets - 1) & (alpha > minus_inf)
        total_change = tl.sum(tl.where(is_end, tl.exp(alpha - total) * change, 0.0), 0)
        tl.store(total_changes + utterance, total_change)


@triton.jit(do_not_specialize=SIZES)
def _sum_by_class(
    log_probs,
    direction,
    lengths,
    targets,
    target_lengths,
    alphas,
    totals,
    changes,
    total_changes,
    visits,
    sums,
    num_frames,
    num_units,
    num_classes,
    is_tangent: tl.constexpr,
    frames: tl.constexpr,
    block: tl.constexpr,
):
    """Posteriors of the states in some frames, or their changes, summed by class."""
    utterance = tl.program_id(0).to(tl.int64)
    num_states = 2 * num_units + 1
    length = tl.load(lengths + utterance).to(tl.int32)
    num_targets = tl.load(target_lengths + utterance).to(tl.int32)
    targets += utterance * num_units
    log_probs += utterance * num_frames * num_classes
    visits += utterance * num_frames * num_units
    sums += utterance * num_frames * num_classes
    alphas += utterance * num_frames * num_states
    betas = alphas + tl.num_programs(0).to(tl.int64) * num_frames * num_states
    _, state, inside, label, _ = _lanes(targets, num_targets, 0, block)
    minus_inf = -float("inf")

    frame = tl.program_id(1) * frames + tl.arange(0, frames)
    real = frame < length
    mask = real[:, None] & inside[None, :]
    place = frame[:, None] * num_states + state[None, :]
    scored = frame[:, None] * num_classes + label[None, :]
    alpha = tl.load(alphas + place, mask=mask, other=minus_inf)
    beta = tl.load(betas + place, mask=mask, other=minus_inf)
    emission = tl.load(log_probs + scored, mask=mask, other=0.0).to(tl.float64)
    dead = (alpha == minus_inf) | (beta == minus_inf)
    visit = tl.exp(alpha + beta - emission - tl.load(totals + utterance))
    if is_tangent:
        direction += utterance * num_frames * num_classes
        changes += utterance * num_frames * num_states
        beta_changes = changes + tl.num_programs(0).to(tl.int64) * num_frames * num_states
        change = tl.load(changes + place, mask=mask, other=0.0)
        change += tl.load(beta_changes + place, mask=mask, other=0.0)
        change -= tl.load(direction + scored, mask=mask, other=0.0).to(tl.float64)
        visit *= change - tl.load(total_changes + utterance)
    visit = tl.where(dead, 0.0, visit)

    # All classes are zero but those of the text, each of which adds its units up. A class with
    # several units is stored by each of them, with the same bits.
    start = 0
    while start < num_classes:
        some = start + tl.arange(0, block)
        inner = (frame < num_frames)[:, None] & (some < num_classes)[None, :]
        tl.store(sums + frame[:, None] * num_classes + some[None, :], 0.0, mask=inner)
        start += block
    is_unit = inside & (state % 2 == 1)
    tl.store(
        visits + frame[:, None] * num_units + state[None, :] // 2,
        visit,
        mask=real[:, None] & is_unit[None, :],
    )
    tl.debug_barrier()
    unit = tl.arange(0, block // 2)
    is_target = unit < num_targets
    target = tl.load(targets + unit, mask=is_target, other=0)
    by_unit = tl.zeros((frames, block // 2), tl.float64)
    i = 0
    while i < num_targets:
        one = tl.load(visits + frame * num_units + i, mask=real, other=0.0)
        same = target == tl.load(targets + i)
        by_unit += tl.where(same[None, :], one[:, None], 0.0)
        i += 1
    tl.store(
        sums + frame[:, None] * num_classes + target[None, :],
        by_unit,
        mask=real[:, None] & is_target[None, :],
    )
    blank = tl.sum(tl.where(is_unit[None, :], 0.0, visit), 1)
    tl.store(sums + frame * num_classes, blank, mask=real)
