"""A residual network of separable convolutions, after QuartzNet (Kriman et al., ICASSP 2020).

LayerNorm over the channels of each frame takes the place of batch normalisation, so that an
utterance never feels the other utterances of its batch.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from benchmark.models.conv_ctc import ConvCTC
from benchmark.models.networks.ctc_network import CTCNetwork, Encoded
from benchmark.models.networks.frames import FrameConv, frame_mask, strided


class SeparableBlock(nn.Module):
    """Depthwise convolution in time, then a mixing of channels, around a residual path."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.depthwise = FrameConv(channels, channels, kernel, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.pointwise = nn.Linear(channels, channels)

    def forward(self, frames: Tensor, mask: Tensor) -> Tensor:
        """Frames (N, T, C) and the mask of the real ones (N, T, 1) to frames (N, T, C)."""
        mixed: Tensor = self.pointwise(functional.silu(self.norm(self.depthwise(frames * mask))))
        return frames + mixed


class ConvNetwork(CTCNetwork):
    """A strided convolution, then separable blocks at the lower frame rate."""

    def __init__(self, num_features: int, num_units: int, settings: ConvCTC) -> None:
        channels, stride = settings.channels, settings.subsampling
        super().__init__(channels, num_units)
        self.stem = FrameConv(num_features, channels, kernel=2 * stride + 1, stride=stride)
        self.blocks = nn.ModuleList(
            SeparableBlock(channels, settings.kernel) for _ in range(settings.blocks)
        )
        self.norm = nn.LayerNorm(channels)

    def encode(self, features: Tensor, lengths: Tensor) -> Encoded:
        frames = self.stem(features * frame_mask(lengths, features.shape[1]))
        lengths = strided(lengths, self.stem.stride[0])
        mask = frame_mask(lengths, frames.shape[1])
        for block in self.blocks:
            frames = block(frames, mask)
        return Encoded(self.norm(frames), lengths)
