"""Depthwise convolution in time on a GPU, for one learner or a stack, differentiable twice.

torch runs that of a stack as one convolution with a group for each learner and channel, whose
second derivative goes group by group; and the derivatives of a single one are slow already.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from benchmark.models.networks.ctc_kernels import problem
from benchmark.stacking import joined, outside, split


def has_kernels(frames: Tensor) -> bool:
    """Whether `depthwise` can convolve these frames."""
    if torch.compiler.is_compiling() or not frames.is_cuda:
        return False
    with outside():
        return problem(frames.device) is None


def depthwise(frames: Tensor, weight: Tensor, stride: int) -> Tensor:
    """Frames (N, T, C) with a weight (C, 1, K), K odd, and zeros around them, to
    (N, ceil(T / stride), C).

    The type is that of autocast, where it is on. Operations are not counted.
    """
    dtype = frames.dtype
    if torch.is_autocast_enabled(frames.device.type):
        dtype = torch.get_autocast_dtype(frames.device.type)
    whole, taps = joined(frames.to(dtype)), joined(weight.squeeze(1).t().to(dtype))
    with outside():
        rows = whole.reshape(-1, *whole.shape[-2:])
        taps = taps.reshape(-1, *taps.shape[-2:])
        outputs: Tensor = _Convolve.apply(rows, taps, stride)  # type: ignore[no-untyped-call]
        outputs = outputs.view(*whole.shape[:-2], *outputs.shape[1:])
    return split(outputs)


class _Convolve(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, frames: Tensor, taps: Tensor, stride: int) -> Tensor:
        from benchmark.models.networks.depthwise_triton import convolve

        ctx.save_for_backward(frames, taps)
        ctx.stride = stride
        return convolve(frames, taps, stride)

    @staticmethod
    def backward(ctx: Any, slopes: Tensor) -> tuple[Tensor | None, ...]:
        frames, taps = ctx.saved_tensors
        wants_frames, wants_taps, _ = ctx.needs_input_grad
        return (
            _Spread.apply(slopes, taps, ctx.stride, frames.shape[1]) if wants_frames else None,  # type: ignore[no-untyped-call]
            _Correlate.apply(slopes, frames, taps, ctx.stride) if wants_taps else None,  # type: ignore[no-untyped-call]
            None,
        )


class _Spread(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, slopes: Tensor, taps: Tensor, stride: int, num_frames: int) -> Tensor:
        from benchmark.models.networks.depthwise_triton import spread

        ctx.save_for_backward(slopes, taps)
        ctx.stride = stride
        return spread(slopes, taps, stride, num_frames)

    @staticmethod
    def backward(ctx: Any, change: Tensor) -> tuple[Tensor | None, ...]:
        slopes, taps = ctx.saved_tensors
        wants_slopes, wants_taps, _, _ = ctx.needs_input_grad
        return (
            _Convolve.apply(change, taps, ctx.stride) if wants_slopes else None,  # type: ignore[no-untyped-call]
            _Correlate.apply(slopes, change, taps, ctx.stride) if wants_taps else None,  # type: ignore[no-untyped-call]
            None,
            None,
        )


class _Correlate(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, slopes: Tensor, frames: Tensor, like: Tensor, stride: int) -> Tensor:
        from benchmark.models.networks.depthwise_triton import correlate

        ctx.save_for_backward(slopes, frames)
        ctx.stride = stride
        return correlate(slopes, frames, like, stride)

    @staticmethod
    def backward(ctx: Any, change: Tensor) -> tuple[Tensor | None, ...]:
        slopes, frames = ctx.saved_tensors
        wants_slopes, wants_frames, _, _ = ctx.needs_input_grad
        return (
            _Convolve.apply(frames, change, ctx.stride) if wants_slopes else None,  # type: ignore[no-untyped-call]
            _Spread.apply(slopes, change, ctx.stride, frames.shape[1]) if wants_frames else None,  # type: ignore[no-untyped-call]
            None,
            None,
        )
