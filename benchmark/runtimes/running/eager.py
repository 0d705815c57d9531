"""Packed safetensors, run by PyTorch."""

from __future__ import annotations

from pathlib import Path

from benchmark.compression.storage.artefact import Artefact, load_artefact
from benchmark.data.batch import Batch
from benchmark.errors import UserError
from benchmark.models.networks.base import Encoded
from benchmark.runtimes.running.feature_extractor import FeatureExtractor
from benchmark.runtimes.running.recogniser import Recogniser, Transcript


class TorchRecogniser(FeatureExtractor, Recogniser):
    """An artefact's network, ready to transcribe on a device."""

    def __init__(self, artefact: Artefact, device: str = "cpu") -> None:
        """Build the network; torch's random state is unchanged.

        Raises UserError if the weights do not match the model in the header.
        """
        header = artefact.header
        network = header.architecture().build()
        try:
            network.load_state_dict(artefact.weights)
        except RuntimeError as error:
            reason = " ".join(str(error).split())
            raise UserError(f"weights do not fit the model {header.model!r}: {reason}") from None
        super().__init__(header, device)
        self.network = network.eval().to(self.device)

    @classmethod
    def load(cls, path: Path, device: str = "cpu") -> TorchRecogniser:
        """The recogniser of the artefact `path`. Raises UserError if it cannot be read."""
        return cls(load_artefact(path), device)

    def run(self, batch: Batch) -> Encoded:
        return self.network.scores(batch)

    def decode(self, scores: Encoded) -> list[Transcript]:
        return [
            Transcript(self.vocabulary.decode(decoded.units), decoded.blank_fraction)
            for decoded in self.network.decode(scores)
        ]
