"""Transcription with an artefact, on which all error rates and latencies are measured."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.data.base import SAMPLE_RATE
from benchmark.data.batch import Batch
from benchmark.models.networks.base import Encoded

Waveform = NDArray[np.int16]
"""Mono 16 kHz samples (L,)."""

BATCH_SECONDS = 120
"""Seconds of padded speech in a batch; a longer utterance is a batch of its own."""


class Transcript(NamedTuple):
    """The text, and the fraction of blank frames (None without a blank)."""

    text: str
    blank_fraction: float | None


class Recogniser(ABC):
    """A loaded artefact; its three steps can be timed separately."""

    batch_seconds: ClassVar[float] = BATCH_SECONDS
    """Seconds of speech per batch; 0 for a runtime that runs one utterance at a time."""

    @abstractmethod
    def features(self, waveforms: Sequence[Waveform]) -> Batch:
        """The features of waveforms, as a batch with empty targets."""

    @abstractmethod
    def run(self, batch: Batch) -> Encoded:
        """Class scores (N, T, C) and the number of real frames of each utterance (N,)."""

    @abstractmethod
    def decode(self, scores: Encoded) -> list[Transcript]:
        """The transcripts of scores, decoded on the host."""

    @torch.inference_mode()
    def transcribe(self, waveforms: Sequence[Waveform]) -> list[Transcript]:
        """Transcripts of waveforms, in the order given."""
        transcripts: dict[int, Transcript] = {}
        for indices in batches([len(waveform) for waveform in waveforms], self.batch_seconds):
            batch = self.features([waveforms[i] for i in indices])
            transcripts |= zip(indices, self.decode(self.run(batch)), strict=True)
        return [transcripts[i] for i in range(len(waveforms))]


def batches(lengths: Sequence[int], seconds: float) -> Iterator[list[int]]:
    """Indices of utterances of similar length, longest first so that memory peaks early."""
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if batch and max(1, lengths[batch[0]]) * (len(batch) + 1) > seconds * SAMPLE_RATE:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
