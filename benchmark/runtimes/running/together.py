"""Several artefacts of one architecture, run as one stack."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch

from benchmark.compression.storage.artefact import Artefact
from benchmark.data.batch import Batch
from benchmark.models.networks.base import Encoded
from benchmark.runtimes.running.recogniser import Transcript
from benchmark.stacking import call_with, joined, stack


class StackedRecogniser:
    """The networks of S artefacts with weights (S, ...).

    Raises ValueError if their architectures differ, and what torch raises for weights that do not
    fit it.
    """

    def __init__(self, artefacts: Sequence[Artefact], device: str) -> None:
        architecture = artefacts[0].header.architecture()
        if any(artefact.header.architecture() != architecture for artefact in artefacts):
            raise ValueError("artefacts of one stack have one architecture")
        self.vocabularies = [artefact.header.vocabulary for artefact in artefacts]
        network = architecture.build()
        network.load_state_dict(artefacts[0].weights)
        self.network = network.eval().to(device)
        self.weights = {
            name: torch.stack([a.weights[name].to(own.dtype) for a in artefacts]).to(device)
            for name, own in network.state_dict().items()
        }

    @torch.no_grad()
    def transcribe(self, batch: Batch) -> list[list[Transcript]]:
        """The transcripts of a batch by artefact and utterance."""
        decoded = self.network.decode(self._run(batch))
        size = len(batch)
        return [
            [
                Transcript(vocabulary.decode(one.units), one.blank_fraction)
                for one in decoded[i * size : (i + 1) * size]
            ]
            for i, vocabulary in enumerate(self.vocabularies)
        ]

    def _run(self, batch: Batch) -> Encoded:
        """Scores of all artefacts (S * N, T, C), so that they are decoded as one batch."""
        with stack(len(self.vocabularies)):
            scores = call_with(self.network, self.weights, partial(self.network.scores, batch))
            frames, lengths = joined(scores.frames), joined(scores.lengths)
        return Encoded(frames.flatten(0, 1), lengths.flatten())
