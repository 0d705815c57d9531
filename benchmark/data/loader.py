"""From prepared recordings to features on the device."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmark.data.base import Utterance
from benchmark.data.batch import Batch
from benchmark.data.frontend import LogMel, LogMelFeatures


class Recordings(Protocol):
    """Where the samples of utterances lie."""

    def waveform(self, uid: str) -> NDArray[np.int16]:
        """Samples of an utterance at `SAMPLE_RATE`."""


class Loader:
    """Reads recordings and computes their features on a device.

    Features are computed anew each time: that costs a tenth of a training step of the smallest
    network, and no memory.
    """

    def __init__(self, recordings: Recordings, frontend: LogMel, device: torch.device) -> None:
        self.recordings = recordings
        self.frontend = frontend.to(device)
        self.device = device

    @torch.no_grad()
    def load(
        self, uids: Sequence[str], perturb: Callable[[Tensor], Tensor] | None = None
    ) -> LogMelFeatures:
        """Features of these utterances; `perturb` may first change each waveform (L,)."""
        waveforms = [self._waveform(uid) for uid in uids]
        if perturb:
            waveforms = [perturb(waveform) for waveform in waveforms]
        lengths = torch.tensor([len(waveform) for waveform in waveforms])
        padded = torch.zeros(len(uids), int(lengths.max()), pin_memory=self.device.type == "cuda")
        for row, waveform in zip(padded, waveforms, strict=True):
            row[: len(waveform)] = waveform
        features: LogMelFeatures = self.frontend(
            padded.to(self.device, non_blocking=True), lengths.to(self.device)
        )
        return features

    def _waveform(self, uid: str) -> Tensor:
        return torch.from_numpy(self.recordings.waveform(uid).astype(np.float32) / 32768)


class UnlabelledBatch(NamedTuple):
    """Utterances to transcribe, and a batch of them without targets."""

    utterances: list[Utterance]
    batch: Batch


def ordered_batches(
    loader: Loader, utterances: Sequence[Utterance], max_seconds: float
) -> Iterator[UnlabelledBatch]:
    """Everything once, in batches of utterances of about one length.

    `max_seconds` bounds the length of a batch with its padding; an utterance that is longer comes
    alone.
    """
    group: list[Utterance] = []
    for utterance in sorted(utterances, key=lambda u: (u.duration, u.uid)):
        if group and utterance.duration * (len(group) + 1) > max_seconds:
            yield _unlabelled(loader, group)
            group = []
        group.append(utterance)
    if group:
        yield _unlabelled(loader, group)


def _unlabelled(loader: Loader, utterances: list[Utterance]) -> UnlabelledBatch:
    features, frames = loader.load([utterance.uid for utterance in utterances])
    targets = frames.new_zeros(len(utterances), 0)
    return UnlabelledBatch(utterances, Batch(features, frames, targets, torch.zeros_like(frames)))
