"""The first step of all recognisers: features of waveforms."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from benchmark.compression.storage.artefact import Header
from benchmark.data.batch import Batch
from benchmark.data.frontend import front_end
from benchmark.parts import part
from benchmark.runtimes.running.recogniser import Waveform


class FeatureExtractor:
    """The front end and the vocabulary of a header, on a device."""

    def __init__(self, header: Header, device: str = "cpu") -> None:
        self.vocabulary = header.vocabulary
        self.device = torch.device(device)
        input_type = header.architecture().input_type
        self.front_end = front_end(input_type, header.features).to(self.device)

    def features(self, waveforms: Sequence[Waveform]) -> Batch:
        """The features of waveforms, as a batch with empty targets."""
        with part("data"):
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
