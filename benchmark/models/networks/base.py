"""The contract of a network: a loss to learn from and a transcript to be judged by."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

from torch import Tensor, nn

from benchmark.data.batch import Batch


class Decoded(NamedTuple):
    """What a network heard in one utterance.

    units           indices into the vocabulary, best first where there is a choice
    blank_fraction  share of frames that said nothing; None for networks without a blank
    """

    units: list[int]
    blank_fraction: float | None


class SpeechNetwork(nn.Module, ABC):
    """A network that learns from and transcribes batches of features.

    An utterance's loss and transcript do not depend on the other utterances of its batch.
    """

    @abstractmethod
    def loss(self, batch: Batch) -> Tensor:
        """Mean loss over the utterances of the batch, a scalar that can be differentiated twice."""

    @abstractmethod
    def transcribe(self, batch: Batch) -> list[Decoded]:
        """Greedy transcripts; targets of the batch are ignored."""

    @abstractmethod
    def grow(self, num_units: int) -> None:
        """Add output rows up to a vocabulary of `num_units`, in place; existing rows stay.

        A new row is the mean of the existing unit rows. Raises ValueError for a smaller vocabulary.
        """

    def forward(self, batch: Batch) -> Tensor:
        """The loss: lets `torch.func.functional_call` evaluate it at other weights."""
        return self.loss(batch)
