"""Loading of recordings as features on a device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmark.data.frontend import FrontEnd, PaddedFeatures


class Recordings(Protocol):
    """A source of the samples of utterances."""

    def waveform(self, uid: str) -> NDArray[np.int16]:
        """Samples of an utterance at `SAMPLE_RATE`."""


class Loader:
    """Reads recordings and computes their features on a device.

    Features are computed anew each time, which takes a tenth of a training step of the smallest
    network and no memory.
    """

    def __init__(self, recordings: Recordings, frontend: FrontEnd, device: torch.device) -> None:
        self.recordings = recordings
        self.frontend = frontend.to(device)
        self.device = device

    @torch.no_grad()
    def load(
        self, uids: Sequence[str], perturb: Callable[[Tensor], Tensor] | None = None
    ) -> PaddedFeatures:
        """Features of these utterances; `perturb` may first change each waveform (L,)."""
        waveforms = [self._waveform(uid) for uid in uids]
        if perturb:
            waveforms = [perturb(waveform) for waveform in waveforms]
        lengths = torch.tensor([len(waveform) for waveform in waveforms])
        padded = torch.zeros(len(uids), int(lengths.max()), pin_memory=self.device.type == "cuda")
        for row, waveform in zip(padded, waveforms, strict=True):
            row[: len(waveform)] = waveform
        features: PaddedFeatures = self.frontend(
            padded.to(self.device, non_blocking=True), lengths.to(self.device)
        )
        return features

    def _waveform(self, uid: str) -> Tensor:
        return torch.from_numpy(self.recordings.waveform(uid).astype(np.float32) / 32768)
