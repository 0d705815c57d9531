"""A convolutional classifier of log-mel images, trained with cross-entropy."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmark.data.batch import Batch
from benchmark.models.networks.base import Decoded, Encoded, SpeechNetwork
from benchmark.models.networks.cross_entropy import mean_cross_entropy
from benchmark.stacking import stack_size

PICTURE = 64
"""Height (mel bands) and width (frames) of the input image."""


class PictureConv(nn.Conv2d):
    """A convolution of pictures (N, C, H, W) with windows of 3 by 3 and zeros around them."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 3, padding=1)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002
        """Pictures (N, C, H, W) to (N, C', H, W)."""
        if stack_size() is None:
            return super().forward(input)
        # As in `FrameConv`, learners with weights of their own need products instead.
        windows = functional.pad(input, (1, 1, 1, 1)).unfold(2, 3, 1).unfold(3, 3, 1)
        rows = windows.movedim(1, 3).flatten(3)
        outputs = functional.linear(rows, self.weight.flatten(1), self.bias)
        return outputs.movedim(3, 1)


class KeywordNetwork(SpeechNetwork):
    """Conv 1 to 32, pool, conv 32 to 64, pool, linear to 512, linear to one score per unit."""

    def __init__(self, num_units: int) -> None:
        super().__init__()
        self.conv1 = PictureConv(1, 32)
        self.conv2 = PictureConv(32, 64)
        self.hidden = nn.Linear(64 * (PICTURE // 4) ** 2, 512)
        self.output = nn.Linear(512, num_units)

    def encode(self, batch: Batch) -> Encoded:
        """One hidden frame per utterance, (N, 1, 512)."""
        image = picture(batch.features, batch.lengths)[:, None]
        image = functional.max_pool2d(functional.relu(self.conv1(image)), 2)
        image = functional.max_pool2d(functional.relu(self.conv2(image)), 2)
        frames = functional.relu(self.hidden(image.flatten(1)))[:, None]
        return Encoded(frames, torch.ones_like(batch.lengths))

    def head_loss(self, encoded: Encoded, batch: Batch) -> Tensor:
        """Mean cross-entropy; the target of an utterance is its first unit."""
        return mean_cross_entropy(self.output(encoded.frames[:, 0]), batch.targets[:, 0])

    def assign(self, encoded: Encoded, batch: Batch) -> Tensor:
        """The whole utterance is assigned to its word."""
        units = torch.arange(self.num_units, device=batch.targets.device)
        return (batch.targets[:, :1, None] == units).to(encoded.frames)

    @staticmethod
    def decode(scores: Encoded) -> list[Decoded]:
        """The word with the highest score."""
        best = scores.frames[:, 0].argmax(1)
        return [Decoded([word], None) for word in best.tolist()]

    def parts(self) -> Sequence[nn.Module]:
        return [self.conv1, self.conv2, self.hidden]


def picture(features: Tensor, lengths: Tensor) -> Tensor:
    """Resize the real frames of features (N, T, F) to `PICTURE`, (N, F, PICTURE).

    Linear interpolation between frame centres, as `F.interpolate(mode="linear")` has it, but for
    a batch of different lengths.
    """
    width = torch.arange(PICTURE, device=features.device) + 0.5
    last = (lengths[:, None] - 1).to(features.dtype)
    places = (width * lengths[:, None] / PICTURE - 0.5).to(features.dtype).clamp(min=0)
    places = places.minimum(last)
    left = places.floor().long()
    right = (left + 1).minimum(lengths[:, None] - 1)
    share = (places - left)[:, :, None]
    rows = torch.arange(len(features), device=features.device)[:, None]
    frames = features[rows, left] * (1 - share) + features[rows, right] * share
    return frames.transpose(1, 2)
