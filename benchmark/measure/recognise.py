"""Transcribing with a saved artefact: what every quality and every latency is measured on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmark.compression.storage.artefact import Artefact, load_artefact
from benchmark.data.base import SAMPLE_RATE
from benchmark.data.batch import Batch
from benchmark.data.frontend import LogMel
from benchmark.errors import UserError
from benchmark.registry import MODELS

BATCH_SECONDS = 120
"""Seconds of padded speech in a batch; a longer utterance is a batch of its own."""


class Transcript(NamedTuple):
    """What was heard, and the share of frames that said nothing (None without a blank)."""

    text: str
    blank_fraction: float | None


class Recogniser:
    """An artefact's network, ready to transcribe on a device."""

    def __init__(self, artefact: Artefact, device: str = "cpu") -> None:
        """Build the network; leaves torch's random state as it was.

        Raises UserError where the weights do not fit the model that the header names.
        """
        header = artefact.header
        with torch.random.fork_rng(devices=[]):
            model = MODELS.make(header.model, header.settings)
            network = model.build(header.num_features, len(header.vocabulary))
        try:
            network.load_state_dict(artefact.weights)
        except RuntimeError as error:
            reason = " ".join(str(error).split())
            raise UserError(f"weights do not fit the model {header.model!r}: {reason}") from None
        self.vocabulary = header.vocabulary
        self.device = torch.device(device)
        self.network = network.eval().to(self.device)
        self.front_end = LogMel(header.features).to(self.device)

    @classmethod
    def load(cls, path: Path, device: str = "cpu") -> Recogniser:
        """The recogniser saved at `path`. Raises UserError where it cannot be read."""
        return cls(load_artefact(path), device)

    @torch.inference_mode()
    def transcribe(self, waveforms: Sequence[NDArray[np.int16]]) -> list[Transcript]:
        """Transcripts of mono 16 kHz waveforms (L,), in the order given."""
        transcripts: dict[int, Transcript] = {}
        for indices in _batches([len(waveform) for waveform in waveforms]):
            batch = self._batch([waveforms[i] for i in indices])
            for i, decoded in zip(indices, self.network.transcribe(batch), strict=True):
                text = self.vocabulary.decode(decoded.units)
                transcripts[i] = Transcript(text, decoded.blank_fraction)
        return [transcripts[i] for i in range(len(waveforms))]

    def _batch(self, waveforms: Sequence[NDArray[np.int16]]) -> Batch:
        lengths = torch.tensor([len(waveform) for waveform in waveforms])
        padded = torch.zeros(len(waveforms), int(lengths.max()), dtype=torch.int16)
        for row, waveform in zip(padded, waveforms, strict=True):
            row[: len(waveform)] = torch.from_numpy(waveform.copy())
        samples = self._moved(padded).float() / 32768
        features, frames = self.front_end(samples, self._moved(lengths))
        nothing = torch.zeros(len(waveforms), 0, dtype=torch.int64, device=self.device)
        return Batch(features, frames, nothing, torch.zeros_like(frames))

    def _moved(self, tensor: Tensor) -> Tensor:
        if self.device.type == "cuda":
            return tensor.pin_memory().to(self.device, non_blocking=True)
        return tensor


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of utterances of similar length, longest first so that memory peaks at once."""
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if batch and lengths[batch[0]] * (len(batch) + 1) > BATCH_SECONDS * SAMPLE_RATE:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
