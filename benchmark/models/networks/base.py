"""The contract of a network: a loss to learn from and a transcript to be judged by."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from benchmark.data.batch import Batch
from benchmark.models.networks.output import Rows, grow_rows, reinitialise_rows


class Encoded(NamedTuple):
    """What the body makes of a batch: hidden frames (N, T, D) and how many are real (N,).

    A network that classifies whole utterances has one frame each.
    """

    frames: Tensor
    lengths: Tensor


class Decoded(NamedTuple):
    """What a network heard in one utterance.

    units           indices into the vocabulary, best first where there is a choice
    blank_fraction  share of frames that said nothing; None for networks without a blank
    """

    units: list[int]
    blank_fraction: float | None


class SpeechNetwork(nn.Module, ABC):
    """A network that learns from and transcribes batches of features.

    It is a body (`encode`) and a head: one linear layer, `output`, with a row per unit. An
    utterance's loss and transcript do not depend on the other utterances of its batch.
    """

    output: nn.Linear
    first_unit: ClassVar[int] = 0
    """Rows of `output` before this one are no units: the blank."""

    @abstractmethod
    def encode(self, batch: Batch) -> Encoded:
        """Hidden frames of the batch, from features alone."""

    @abstractmethod
    def head_loss(self, encoded: Encoded, batch: Batch) -> Tensor:
        """Mean loss over the utterances of the batch, a scalar that can be differentiated twice."""

    @abstractmethod
    def assign(self, encoded: Encoded, batch: Batch) -> Tensor:
        """How much of each frame belongs to each unit, given the targets, (N, T, units).

        Zero in padding. No gradient flows through it.
        """

    def output_frames(self, lengths: Tensor, num_features: int) -> Tensor | None:
        """Hidden frames (N,) of features (T, F) with these lengths (N,), which bound the units of
        a text; None where nothing does."""
        return None

    @staticmethod
    @abstractmethod
    def decode(scores: Encoded) -> list[Decoded]:
        """The greedy reading of scores."""

    @abstractmethod
    def parts(self) -> Sequence[nn.Module]:
        """The body in order, from input to output; a norm after the last part is in none."""

    def adapters(self) -> Sequence[nn.Module]:
        """Extra layers that do nothing and do not learn until a method switches them on."""
        return [module for module in self.modules() if isinstance(module, Adapter)]

    def scores(self, batch: Batch) -> Encoded:
        """Scores of the classes per hidden frame, (N, T, rows of `output`); targets are ignored."""
        frames, lengths = self.encode(batch)
        return Encoded(self.output(frames), lengths)

    @torch.no_grad()
    def transcribe(self, batch: Batch) -> list[Decoded]:
        """Greedy transcripts."""
        return self.decode(self.scores(batch))

    def loss(self, batch: Batch) -> Tensor:
        """Mean loss over the utterances of the batch, a scalar that can be differentiated twice."""
        return self.head_loss(self.encode(batch), batch)

    def forward(self, batch: Batch, encoded: Encoded | None = None) -> Tensor:
        """The loss, of what the body made of the batch if that is given.

        Lets `torch.func.functional_call` evaluate it at other weights.
        """
        return self.loss(batch) if encoded is None else self.head_loss(encoded, batch)

    @property
    def num_units(self) -> int:
        """Size of the vocabulary."""
        return self.output.out_features - self.first_unit

    def grow(self, num_units: int) -> None:
        """Add output rows up to a vocabulary of `num_units`, in place; existing rows stay.

        A new row is the mean of the existing unit rows. Raises ValueError for a smaller vocabulary.
        """
        grow_rows(self.output, self.first_unit + num_units, self.first_unit)

    def fresh_head(self, num_units: int, rows: Rows) -> None:
        """Forget the units and learn `num_units` others, in place; the blank's row stays.

        See `fresh_rows` for what the new rows are.
        """
        reinitialise_rows(self.output, self.first_unit + num_units, self.first_unit, rows)


class Adapter(nn.Module):
    """A bottleneck around a residual path (Houlsby et al., ICML 2019, section 2.1).

    It starts as the identity and frozen, so that a network with adapters learns as one without
    until a method lets them.
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
