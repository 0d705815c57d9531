"""The contract of a network: a loss for training and transcripts for evaluation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from benchmark.data.batch import Batch
from benchmark.models.networks.output import Rows, grow_rows, reinitialise_rows
from benchmark.parts import part


class Encoded(NamedTuple):
    """The output of the body: hidden frames (N, T, D) and the number of real frames (N,).

    A network that classifies whole utterances has one frame each.
    """

    frames: Tensor
    lengths: Tensor


class Decoded(NamedTuple):
    """The decoded output for one utterance.

    units           indices into the vocabulary, best first if there are alternatives
    blank_fraction  fraction of blank frames; None for networks without a blank
    """

    units: list[int]
    blank_fraction: float | None


class SpeechNetwork(nn.Module, ABC):
    """A network that is trained on batches of features and transcribes them.

    It is a body (`encode`) and a head: one linear layer, `output`, with a row per unit. An
    utterance's loss and transcript do not depend on the other utterances of its batch.
    """

    output: nn.Linear
    first_unit: ClassVar[int] = 0
    """The first row of `output` that is a unit; rows before it are the blank."""

    @abstractmethod
    def encode(self, batch: Batch) -> Encoded:
        """Hidden frames of the batch, computed from its features."""

    @abstractmethod
    def head_loss(self, encoded: Encoded, batch: Batch) -> Tensor:
        """Mean loss over the utterances of the batch, a scalar that can be differentiated twice."""

    @abstractmethod
    def assign(self, encoded: Encoded, batch: Batch) -> Tensor:
        """Soft assignment of frames to units, given the targets, (N, T, units).

        It is zero in padding. No gradient flows through it.
        """

    def output_frames(self, lengths: Tensor, num_features: int) -> Tensor | None:
        """Number of hidden frames (N,) of features (T, F) with these lengths (N,), which limits the
        units of a text; None if nothing limits them."""
        return None

    @staticmethod
    @abstractmethod
    def decode(scores: Encoded) -> list[Decoded]:
        """Greedy decoding of scores."""

    @abstractmethod
    def parts(self) -> Sequence[nn.Module]:
        """The parts of the body from input to output; a norm after the last part is not
        included."""

    def adapters(self) -> Sequence[nn.Module]:
        """Extra layers that have no effect and are frozen until a method trains them."""
        return [module for module in self.modules() if isinstance(module, Adapter)]

    def scores(self, batch: Batch) -> Encoded:
        """Class scores of each hidden frame, (N, T, rows of `output`); targets are ignored."""
        with part("forward"):
            frames, lengths = self.encode(batch)
            return Encoded(self.output(frames), lengths)

    @torch.no_grad()
    def transcribe(self, batch: Batch) -> list[Decoded]:
        """Greedy transcripts."""
        return self.decode(self.scores(batch))

    def loss(self, batch: Batch) -> Tensor:
        """Mean loss over the utterances of the batch, a scalar that can be differentiated twice."""
        with part("forward"):
            encoded = self.encode(batch)
        with part("loss"):
            return self.head_loss(encoded, batch)

    def forward(self, batch: Batch, encoded: Encoded | None = None) -> Tensor:
        """The loss, computed from `encoded` if given.

        With it `torch.func.functional_call` can evaluate the loss at other weights.
        """
        if encoded is None:
            return self.loss(batch)
        with part("loss"):
            return self.head_loss(encoded, batch)

    @property
    def num_units(self) -> int:
        """Size of the vocabulary."""
        return self.output.out_features - self.first_unit

    def grow(self, num_units: int) -> None:
        """Add output rows for a vocabulary of `num_units`, in place; existing rows are kept.

        A new row is the mean of the existing unit rows. Raises ValueError for a smaller vocabulary.
        """
        grow_rows(self.output, self.first_unit + num_units, self.first_unit)

    def fresh_head(self, num_units: int, rows: Rows) -> None:
        """Replace the units by `num_units` new ones, in place; the blank's row is kept.

        `reinitialise_rows` describes the new rows.
        """
        reinitialise_rows(self.output, self.first_unit + num_units, self.first_unit, rows)


class Adapter(nn.Module):
    """A bottleneck around a residual path (Houlsby et al., ICML 2019, section 2.1).

    It is initially the identity and frozen, so a network with adapters trains like one without
    until a method trains them.
    """

    def __init__(self, width: int, bottleneck: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.down = nn.Linear(width, bottleneck)
        self.up = nn.Linear(bottleneck, width)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)
        self.requires_grad_(False)

    def forward(self, frames: Tensor) -> Tensor:
        """Frames (N, T, D) to frames (N, T, D)."""
        change: Tensor = self.up(nn.functional.silu(self.down(self.norm(frames))))
        return frames + change
