"""Loading of recordings as features on a device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmark.data.frontend import FrontEnd, PaddedFeatures
from benchmark.data.perturb import Change, perturb_waveform


class Recordings(Protocol):
    """The samples of utterances."""

    @property
    def path(self) -> Path:
        """The folder that they are read from."""

    @property
    def samples(self) -> NDArray[np.int16]:
        """Those of all utterances, one after the other."""

    @property
    def offsets(self) -> Mapping[str, int]:
        """Where those of an utterance begin."""

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
    def load(self, uids: Sequence[str], changes: Sequence[Change] | None = None) -> PaddedFeatures:
        """Features of these utterances, of which `changes` first change each waveform."""
        waveforms = [self._waveform(uid) for uid in uids]
        if changes:
            waveforms = list(map(perturb_waveform, waveforms, changes))
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
