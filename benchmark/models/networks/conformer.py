"""The Conformer (Gulati et al., Interspeech 2020, arXiv 2005.08100), designed for compression.

All weights belong to plain linear layers and convolutions, which compression supports. The gate
uses `chunk` and `sigmoid`, which exporters support better than GLU. Normalisation statistics are
per frame, so they depend neither on padding nor on other utterances of a batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmark.models.conformer_ctc import ConformerCTC
from benchmark.models.networks.attention import SelfAttention
from benchmark.models.networks.base import Adapter, Encoded
from benchmark.models.networks.ctc_network import CTCNetwork
from benchmark.models.networks.frames import FrameConv, frame_mask, strided


class FeedForward(nn.Module):
    """LayerNorm and two linear layers, frame by frame."""

    def __init__(self, dim: int, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.expand = nn.Linear(dim, width)
        self.contract = nn.Linear(width, dim)

    def forward(self, frames: Tensor) -> Tensor:
        outputs: Tensor = self.contract(functional.silu(self.expand(self.norm(frames))))
        return outputs


class FrameGroupNorm(nn.GroupNorm):
    """GroupNorm of each frame (N, T, C) separately."""

    def forward(self, frames: Tensor) -> Tensor:
        return super().forward(frames.flatten(0, 1)).view_as(frames)


class ConvModule(nn.Module):
    """A gate, a depthwise convolution in time and a mixing of channels."""

    def __init__(self, settings: ConformerCTC) -> None:
        super().__init__()
        dim = settings.dim
        self.norm = nn.LayerNorm(dim)
        self.gate = nn.Linear(dim, 2 * dim)
        self.depthwise = FrameConv(dim, dim, settings.kernel, groups=dim)
        self.inner_norm = (
            nn.LayerNorm(dim) if settings.norm == "layer" else FrameGroupNorm(settings.heads, dim)
        )
        self.pointwise = nn.Linear(dim, dim)

    def forward(self, frames: Tensor, mask: Tensor) -> Tensor:
        value, gate = self.gate(self.norm(frames)).chunk(2, dim=-1)
        mixed = self.depthwise(value * torch.sigmoid(gate) * mask)
        outputs: Tensor = self.pointwise(functional.silu(self.inner_norm(mixed)))
        return outputs


class ConformerBlock(nn.Module):
    """Half a feed-forward, attention, convolution, half a feed-forward (figure 1)."""

    def __init__(self, settings: ConformerCTC) -> None:
        super().__init__()
        self.before = FeedForward(settings.dim, settings.ff)
        self.attention_norm = nn.LayerNorm(settings.dim)
        self.attention = SelfAttention(settings.dim, settings.heads)
        self.convolution = ConvModule(settings)
        self.after = FeedForward(settings.dim, settings.ff)
        self.norm = nn.LayerNorm(settings.dim)
        self.adapter = (
            Adapter(settings.dim, settings.adapter) if settings.adapter else nn.Identity()
        )

    def forward(self, frames: Tensor, mask: Tensor) -> Tensor:
        """Frames (N, T, D) and the mask of the real ones (N, T, 1) to frames (N, T, D)."""
        frames = frames + 0.5 * self.before(frames)
        frames = frames + self.attention(self.attention_norm(frames), mask)
        frames = frames + self.convolution(frames, mask)
        frames = frames + 0.5 * self.after(frames)
        outputs: Tensor = self.adapter(self.norm(frames))
        return outputs


class ConformerNetwork(CTCNetwork):
    """Two strided convolutions, then Conformer blocks at a quarter of the frame rate."""

    def __init__(self, num_features: int, num_units: int, settings: ConformerCTC) -> None:
        super().__init__(settings.dim, num_units)
        self.first = FrameConv(num_features, settings.dim, kernel=3, stride=2)
        self.second = FrameConv(settings.dim, settings.dim, kernel=3, stride=2)
        self.blocks = nn.ModuleList(ConformerBlock(settings) for _ in range(settings.blocks))

    def hidden(self, features: Tensor, lengths: Tensor) -> Encoded:
        frames = features
        for convolution in (self.first, self.second):
            frames = functional.silu(convolution(frames * frame_mask(lengths, frames.shape[1])))
            lengths = strided(lengths, 2)
        mask = frame_mask(lengths, frames.shape[1])
        for block in self.blocks:
            frames = block(frames, mask)
        return Encoded(frames, lengths)

    def output_frames(self, lengths: Tensor, num_features: int) -> Tensor:
        return strided(strided(lengths, 2), 2)

    def parts(self) -> Sequence[nn.Module]:
        return [self.first, self.second, *self.blocks]
