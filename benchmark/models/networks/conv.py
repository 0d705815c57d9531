"""A residual network of separable convolutions over log-mel frames.

Blocks follow ConvNeXt (Liu et al., CVPR 2022, arXiv 2201.03545, figure 4) in one dimension: a
convolution in time, then mixing of channels with one activation. LayerNorm over the channels of
each frame keeps the utterances of a batch independent.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from benchmark.models.conv_ctc import ConvCTC
from benchmark.models.networks.base import Adapter, Encoded
from benchmark.models.networks.ctc_network import CTCNetwork
from benchmark.models.networks.frames import FrameConv, frame_mask, strided


class SeparableBlock(nn.Module):
    """Depthwise convolution in time, then two linear layers, around a residual path."""

    def __init__(self, channels: int, kernel: int, adapter: int) -> None:
        super().__init__()
        self.depthwise = FrameConv(channels, channels, kernel, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.expand = nn.Linear(channels, 2 * channels)
        self.contract = nn.Linear(2 * channels, channels)
        self.adapter = Adapter(channels, adapter) if adapter else nn.Identity()

    def forward(self, frames: Tensor, mask: Tensor) -> Tensor:
        """Frames (N, T, C) and the mask of the real ones (N, T, 1) to frames (N, T, C)."""
        hidden = self.expand(self.norm(self.depthwise(frames * mask)))
        outputs: Tensor = self.adapter(frames + self.contract(functional.silu(hidden)))
        return outputs


class Subsampling(nn.Module):
    """Two convolutions of stride 2, the second one separable: a quarter of the frames.

    This trains far faster than one convolution of stride 4.
    """

    def __init__(self, num_features: int, channels: int) -> None:
        super().__init__()
        self.first = FrameConv(num_features, channels, kernel=5, stride=2)
        self.first_norm = nn.LayerNorm(channels)
        self.second = FrameConv(channels, channels, kernel=5, stride=2, groups=channels)
        self.second_norm = nn.LayerNorm(channels)
        self.pointwise = nn.Linear(channels, channels)

    def forward(self, features: Tensor, lengths: Tensor) -> Encoded:
        """Features (N, T, F) to frames (N, ceil(T / 4), C)."""
        frames = self.first(features * frame_mask(lengths, features.shape[1]))
        frames = functional.silu(self.first_norm(frames))
        lengths = strided(lengths, 2)
        frames = self.second(frames * frame_mask(lengths, frames.shape[1]))
        frames = self.pointwise(functional.silu(self.second_norm(frames)))
        return Encoded(frames, strided(lengths, 2))


class ConvNetwork(CTCNetwork):
    """Subsampling, then separable blocks at a quarter of the frame rate."""

    def __init__(self, num_features: int, num_units: int, settings: ConvCTC) -> None:
        super().__init__(settings.channels, num_units)
        self.subsampling = Subsampling(num_features, settings.channels)
        self.blocks = nn.ModuleList(
            SeparableBlock(settings.channels, settings.kernel, settings.adapter)
            for _ in range(settings.blocks)
        )
        self.norm = nn.LayerNorm(settings.channels)

    def hidden(self, features: Tensor, lengths: Tensor) -> Encoded:
        frames, lengths = self.subsampling(features, lengths)
        mask = frame_mask(lengths, frames.shape[1])
        for block in self.blocks:
            frames = block(frames, mask)
        return Encoded(self.norm(frames), lengths)

    def output_frames(self, lengths: Tensor, num_features: int) -> Tensor:
        return strided(strided(lengths, 2), 2)

    def parts(self) -> Sequence[nn.Module]:
        return [self.subsampling, *self.blocks]
