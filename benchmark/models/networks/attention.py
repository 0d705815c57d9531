"""Self-attention that can be differentiated twice, for utterances of any length."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmark.stacking import joined, outside, split


class SelfAttention(nn.Module):
    """Multi-head attention with rotary positions (Su et al., arXiv 2104.09864).

    The softmax is written out, because the fused kernels of torch have no second derivative, and
    add up the first in random order. On a GPU they do serve where no derivative is asked for.
    """

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)
        self.output = nn.Linear(dim, dim)

    def forward(self, frames: Tensor, mask: Tensor) -> Tensor:
        """Frames (N, T, D) and the mask of the real ones (N, T, 1) to (N, T, D)."""
        mixed = self.attend(self.query(frames), self.key(frames), self.value(frames), mask)
        joined: Tensor = self.output(mixed)
        return joined

    def attend(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
        """Attention over the values (N, T, D) of all real frames, separately for each head."""
        query, key = rotate(self._split(query)), rotate(self._split(key))
        if query.is_cuda and not torch.is_grad_enabled():
            fused = attend_fused(query, key, self._split(value), mask)
            return fused.transpose(1, 2).flatten(2)
        scores = query @ key.transpose(2, 3) / query.shape[-1] ** 0.5
        scores = scores.masked_fill(~mask.view(len(mask), 1, 1, -1), float("-inf"))
        mixed: Tensor = scores.softmax(-1) @ self._split(value)
        return mixed.transpose(1, 2).flatten(2)

    def _split(self, frames: Tensor) -> Tensor:
        """(N, T, D) to (N, heads, T, D / heads)."""
        return frames.view(*frames.shape[:2], self.heads, -1).transpose(1, 2)


def attend_fused(query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
    """Attention over the real frames, in one kernel: (N, heads, T, D / heads) of queries, keys and
    values, and the mask (N, T, 1), to the same shape."""
    size = query.shape[-3:]
    whole = joined(query)
    queries, keys, values = (joined(part).reshape(-1, *size) for part in (query, key, value))
    real = joined(mask).reshape(-1, 1, 1, size[1])
    with outside():
        mixed = functional.scaled_dot_product_attention(queries, keys, values, real)
        mixed = mixed.view(whole.shape)
    return split(mixed)


def rotate(x: Tensor) -> Tensor:
    """Rotate each pair of channels of x (..., T, D) by an angle proportional to the frame index.

    Equation 34 of arXiv 2104.09864, with the two channels of a pair D / 2 apart. The product of two
    rotated vectors depends only on their distance in time.
    """
    num_frames, dim = x.shape[-2:]
    rates = 10_000.0 ** (-torch.arange(0, dim, 2, device=x.device, dtype=torch.float32) / dim)
    times = torch.arange(num_frames, device=x.device, dtype=torch.float32)
    angles = times[:, None] * rates
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)
