"""Depthwise convolutions in time as kernels of Triton: each reads its inputs once.

The three of them are one trilinear form, so each derivative of one is another of them. Sums are in
a fixed order, so results are the same each time.

Dimensions: R rows (the utterances of all learners), L learners, R / L rows each, T frames, T' =
ceil(T / stride) frames of the output, C channels, K taps (odd). Frames outside of 0 to T are zero.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

FRAMES, CHANNELS = 32, 64
"""The block of a program."""

SIZES = ("num_frames", "num_outputs", "rows_each")
"""Arguments for whose values no kernel is compiled anew."""


def convolve(frames: Tensor, taps: Tensor, stride: int) -> Tensor:
    """Frames (R, T, C) with the taps (L, K, C) of their learners, to (R, T', C)."""
    rows, num_frames, channels = frames.shape
    outputs = frames.new_empty(rows, -(-num_frames // stride), channels)
    return _convolved(frames, taps, outputs, *_sizes(frames, outputs, taps, stride), spread=False)


def spread(slopes: Tensor, taps: Tensor, stride: int, num_frames: int) -> Tensor:
    """The gradient (R, T, C) for the frames, from that for the outputs (R, T', C)."""
    rows, _, channels = slopes.shape
    frames = slopes.new_empty(rows, num_frames, channels)
    return _convolved(slopes, taps, frames, *_sizes(frames, slopes, taps, stride), spread=True)


def _convolved(
    inputs: Tensor, taps: Tensor, outputs: Tensor, *sizes: object, spread: bool
) -> Tensor:
    kernel = _convolve[_grid(outputs)]
    kernel(inputs.contiguous(), taps.contiguous(), outputs, *sizes, is_spread=spread)
    return outputs


def correlate(slopes: Tensor, frames: Tensor, like: Tensor, stride: int) -> Tensor:
    """The gradient (L, K, C) for the taps, from that for the outputs (R, T', C)."""
    grid = _grid(slopes)
    learners, num_taps, channels = like.shape
    exact = torch.promote_types(slopes.dtype, torch.float32)
    parts = slopes.new_empty(grid[0], grid[1], num_taps, channels, dtype=exact)
    _correlate[grid](
        slopes.contiguous(), frames.contiguous(), parts, *_sizes(frames, slopes, like, stride)
    )
    return parts.view(learners, -1, num_taps, channels).sum(1).to(like.dtype)


def _grid(outputs: Tensor) -> tuple[int, int, int]:
    rows, num_frames, channels = outputs.shape
    return rows, triton.cdiv(num_frames, FRAMES), triton.cdiv(channels, CHANNELS)


def _sizes(frames: Tensor, outputs: Tensor, taps: Tensor, stride: int) -> tuple[object, ...]:
    learners, num_taps, channels = taps.shape
    return (
        frames.shape[1],
        outputs.shape[1],
        len(frames) // learners,
        channels,
        stride,
        num_taps,
        tl.float64 if frames.dtype == torch.float64 else tl.float32,
        FRAMES,
        CHANNELS,
    )


@triton.jit
def _load(rows, row, frame, num_frames, channel, num_channels, exact: tl.constexpr):
    """Values (frames, channels) of a row, zero outside of it."""
    here = (frame >= 0) & (frame < num_frames)
    places = (row * num_frames + frame[:, None]) * num_channels + channel[None, :]
    inside = here[:, None] & (channel < num_channels)[None, :]
    return tl.load(rows + places, mask=inside, other=0.0).to(exact)


@triton.jit
def _store(rows, values, row, frame, num_frames, channel, num_channels):
    places = (row * num_frames + frame[:, None]) * num_channels + channel[None, :]
    inside = (frame < num_frames)[:, None] & (channel < num_channels)[None, :]
    tl.store(rows + places, values.to(rows.dtype.element_ty), mask=inside)


@triton.jit(do_not_specialize=SIZES)
def _convolve(
    inputs,
    taps,
    outputs,
    num_frames,
    num_outputs,
    rows_each,
    num_channels,
    stride: tl.constexpr,
    num_taps: tl.constexpr,
    exact: tl.constexpr,
    block_frames: tl.constexpr,
    block_channels: tl.constexpr,
    is_spread: tl.constexpr,
):
    """Each place takes its taps from the inputs: outputs from frames or, to spread, the other way
    round."""
    num_inputs = num_outputs if is_spread else num_frames
    num_places = num_frames if is_spread else num_outputs
    row = tl.program_id(0).to(tl.int64)
    place = tl.program_id(1) * block_frames + tl.arange(0, block_frames)
    channel = tl.program_id(2) * block_channels + tl.arange(0, block_channels)
    taps += row // rows_each * num_taps * num_channels
    total = tl.zeros((block_frames, block_channels), exact)
    for k in tl.static_range(num_taps):
        if is_spread:
            shifted = place - k + num_taps // 2
            # Only every `stride`-th shift is that of an output.
            is_output = (shifted >= 0) & (shifted % stride == 0)
            source = tl.where(is_output, shifted // stride, -1)
        else:
            source = place * stride + k - num_taps // 2
        values = _load(inputs, row, source, num_inputs, channel, num_channels, exact)
        tap = tl.load(taps + k * num_channels + channel, mask=channel < num_channels, other=0.0)
        total += values * tap.to(exact)[None, :]
    _store(outputs, total, row, place, num_places, channel, num_channels)


@triton.jit(do_not_specialize=SIZES)
def _correlate(
    slopes,
    frames,
    parts,
    num_frames,
    num_outputs,
    rows_each,
    num_channels,
    stride: tl.constexpr,
    num_taps: tl.constexpr,
    exact: tl.constexpr,
    block_frames: tl.constexpr,
    block_channels: tl.constexpr,
):
    """The share of each block of frames, to be summed."""
    row = tl.program_id(0).to(tl.int64)
    frame = tl.program_id(1) * block_frames + tl.arange(0, block_frames)
    channel = tl.program_id(2) * block_channels + tl.arange(0, block_channels)
    parts += (row * tl.num_programs(1) + tl.program_id(1)) * num_taps * num_channels
    slope = _load(slopes, row, frame, num_outputs, channel, num_channels, exact)
    for k in tl.static_range(num_taps):
        source = frame * stride + k - num_taps // 2
        values = _load(frames, row, source, num_frames, channel, num_channels, exact)
        total = tl.sum(slope * values, 0)
        tl.store(parts + k * num_channels + channel, total, mask=channel < num_channels)
