"""Masks and convolutions in time for networks over padded frames."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmark.models.networks import depthwise
from benchmark.stacking import stack_size


def frame_mask(lengths: Tensor, num_frames: int) -> Tensor:
    """Which frames belong to their utterance, (N, T, 1) bool.

    An exported network processes one utterance at a time without padding, so its mask is a constant
    (1, 1, 1), which costs nothing.
    """
    if torch.compiler.is_exporting():
        return torch.ones(1, 1, 1, dtype=torch.bool)
    return (torch.arange(num_frames, device=lengths.device) < lengths[:, None])[:, :, None]


class FrameConv(nn.Conv1d):
    """Convolution in time of frames (N, T, C), with zeros around them.

    T frames become ceil(T / stride). Outside of a stack it runs as a two-dimensional convolution
    over a channels-last view: on a CPU a depthwise one is then several times faster than `conv1d`.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1
    ) -> None:
        if kernel % 2 == 0:
            raise ValueError(f"the kernel of a convolution in time must be odd, not {kernel}")
        super().__init__(inputs, outputs, kernel, stride, padding=kernel // 2, groups=groups)

    def forward(self, frames: Tensor) -> Tensor:
        """Frames (N, T, C), zero in the padding, to (N, ceil(T / stride), C')."""
        is_depthwise = self.groups == self.in_channels == self.out_channels
        if is_depthwise and depthwise.has_kernels(frames):
            outputs = depthwise.depthwise(frames, self.weight, self.stride[0])
            return outputs if self.bias is None else outputs + self.bias.to(outputs.dtype)
        if stack_size() is not None:
            return self._windowed(frames, is_depthwise)
        image = frames.transpose(1, 2).unsqueeze(2)
        outputs = functional.conv2d(
            image,
            self.weight.unsqueeze(2),
            self.bias,
            stride=(1, self.stride[0]),
            padding=(0, int(self.padding[0])),
            groups=self.groups,
        )
        return outputs.squeeze(2).transpose(1, 2)

    def _windowed(self, frames: Tensor, is_depthwise: bool) -> Tensor:
        """The same convolution as products of weights and windows of frames.

        In a stack each learner has its own weights, and torch makes of their convolutions one with
        as many groups as learners, or as learners times channels. Its second derivative convolves
        group by group.
        """
        margin = int(self.padding[0])
        padded = functional.pad(frames, (0, 0, margin, margin))
        windows = padded.unfold(1, self.kernel_size[0], self.stride[0])
        if is_depthwise:
            # Channels are last in memory, so that neighbouring threads of a GPU read neighbours.
            taps = self.weight.squeeze(1).t().contiguous()
            outputs = (windows.transpose(2, 3) * taps).sum(2)
        else:
            grouped = windows.reshape(*windows.shape[:2], self.groups, -1)
            weight = self.weight.reshape(self.groups, -1, grouped.shape[3])
            outputs = torch.einsum("ntgi,goi->ntgo", grouped, weight).flatten(2)
        return outputs if self.bias is None else outputs + self.bias


def strided(lengths: Tensor, stride: int) -> Tensor:
    """Lengths after a `FrameConv` with this stride."""
    return (lengths + stride - 1) // stride
