"""Artefacts of packed safetensors, run by PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from benchmark.compression.storage.artefact import Artefact, load_artefact
from benchmark.data.batch import Batch
from benchmark.data.frontend import front_end
from benchmark.errors import UserError
from benchmark.measure.recognise import Recogniser, Transcript, Waveform
from benchmark.models.networks.base import Encoded


class TorchRecogniser(Recogniser):
    """An artefact's network, ready to transcribe on a device."""

    def __init__(self, artefact: Artefact, device: str = "cpu") -> None:
        """Build the network; leaves torch's random state as it was.

        Raises UserError where the weights do not fit the model that the header names.
        """
        header = artefact.header
        architecture = header.architecture()
        network = architecture.build()
        try:
            network.load_state_dict(artefact.weights)
        except RuntimeError as error:
            reason = " ".join(str(error).split())
            raise UserError(f"weights do not fit the model {header.model!r}: {reason}") from None
        self.vocabulary = header.vocabulary
        self.device = torch.device(device)
        self.network = network.eval().to(self.device)
        self.front_end = front_end(architecture.hears, header.features).to(self.device)

    @classmethod
    def load(cls, path: Path, device: str = "cpu") -> TorchRecogniser:
        """The recogniser saved at `path`. Raises UserError where it cannot be read."""
        return cls(load_artefact(path), device)

    def features(self, waveforms: Sequence[Waveform]) -> Batch:
        lengths = torch.tensor([len(waveform) for waveform in waveforms])
        padded = torch.zeros(len(waveforms), int(lengths.max()), dtype=torch.int16)
        for row, waveform in zip(padded, waveforms, strict=True):
            row[: len(waveform)] = torch.from_numpy(waveform.copy())
        samples = self._moved(padded).float() / 32768
        features, frames = self.front_end(samples, self._moved(lengths))
        nothing = torch.zeros(len(waveforms), 0, dtype=torch.int64, device=self.device)
        return Batch(features, frames, nothing, torch.zeros_like(frames))

    def run(self, batch: Batch) -> Encoded:
        return self.network.scores(batch)

    def decode(self, scores: Encoded) -> list[Transcript]:
        return [
            Transcript(self.vocabulary.decode(decoded.units), decoded.blank_fraction)
            for decoded in self.network.decode(scores)
        ]

    def _moved(self, tensor: Tensor) -> Tensor:
        if self.device.type == "cuda":
            return tensor.pin_memory().to(self.device, non_blocking=True)
        return tensor
