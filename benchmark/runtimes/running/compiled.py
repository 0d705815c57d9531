"""Packed safetensors, run by compiled PyTorch."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from benchmark.compression.storage.artefact import Artefact
from benchmark.data.batch import Batch
from benchmark.models.networks.base import Encoded
from benchmark.runtimes.running.eager import TorchRecogniser
from benchmark.runtimes.running.one_by_one import run_one_by_one


class CompiledRecogniser(TorchRecogniser):
    """An artefact's network, compiled for one utterance of any length.

    In padded batches TorchInductor (2.11, CPU) gives other scores than torch.
    """

    batch_seconds: ClassVar[float] = 0

    def __init__(self, artefact: Artefact, device: str = "cpu") -> None:
        super().__init__(artefact, device)
        self.compiled = torch.compile(self._scores, dynamic=True)

    def run(self, batch: Batch) -> Encoded:
        return run_one_by_one(batch, self.compiled)

    def _scores(self, features: Tensor) -> Tensor:
        lengths = torch.full((1,), features.shape[1], dtype=torch.int64, device=features.device)
        nothing = torch.zeros(1, 0, dtype=torch.int64, device=features.device)
        return self.network.scores(Batch(features, lengths, nothing, lengths)).frames
