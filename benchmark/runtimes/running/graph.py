"""Graphs of other runtimes, run on a CPU, one utterance at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.data.batch import Batch
from benchmark.models.networks.base import Encoded
from benchmark.models.networks.decoding import DECODERS
from benchmark.runtimes.exporting.description import Description
from benchmark.runtimes.running.feature_extractor import FeatureExtractor
from benchmark.runtimes.running.one_by_one import run_one_by_one
from benchmark.runtimes.running.recogniser import Recogniser, Transcript

Infer = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Features (1, T, F) to scores (1, T', C)."""


class GraphRecogniser(FeatureExtractor, Recogniser):
    """A graph with the description from its file."""

    batch_seconds: ClassVar[float] = 0

    def __init__(self, description: Description, infer: Infer) -> None:
        super().__init__(description.header)
        self.description = description
        self.read = DECODERS[description.decoder]
        self.infer = infer

    def run(self, batch: Batch) -> Encoded:
        return run_one_by_one(
            batch, lambda features: torch.from_numpy(self.infer(features.numpy()))
        )

    def decode(self, scores: Encoded) -> list[Transcript]:
        return [
            Transcript(self.vocabulary.decode(decoded.units), decoded.blank_fraction)
            for decoded in self.read(scores)
        ]
