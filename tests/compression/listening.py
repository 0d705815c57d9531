"""Networks with speech to learn from, without a corpus."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import torch

from benchmark import registry
from benchmark.compression.chain.subject import Subject
from benchmark.compression.chain.support import Support
from benchmark.compression.storage.weight import weights_of
from benchmark.compression.structure.architecture import Architecture
from benchmark.data.batch import Batch
from benchmark.data.task import Episode

UNITS = 6
BANDS = 64

MODELS: dict[str, dict[str, Any]] = {
    "conv_ctc": {"channels": 24, "blocks": 1, "kernel": 3},
    "conformer_ctc": {"dim": 16, "blocks": 1, "heads": 2, "ff": 32, "kernel": 3},
    "wav2vec2": {"dim": 16, "layers": 1, "heads": 2, "ff": 32, "conv": 16},
}
"""Settings of tiny networks, which have every kind of layer but two-dimensional convolution."""

PICTURES = "keyword_cnn"
"""The model that has those; it has eight million weights."""


@dataclass
class Noise:
    """A task of utterances of coloured noise, of different lengths: features, or waveforms."""

    count: int
    waveform: bool = False
    language: str = "xx"
    at: int = 0
    utterances: list[Batch] = field(default_factory=list)

    def __post_init__(self) -> None:
        generator = torch.Generator().manual_seed(3)
        mixing = torch.randn(BANDS, BANDS, generator=generator)
        for i in range(self.count):
            frames = torch.randn(1, 40 + 3 * i, BANDS, generator=generator) @ mixing
            frames = frames.reshape(1, -1, 1) if self.waveform else frames
            targets = torch.randint(0, UNITS, (1, 5), generator=generator)
            lengths = torch.tensor([frames.shape[1]])
            self.utterances.append(Batch(frames, lengths, targets, torch.tensor([5])))

    def __len__(self) -> int:
        return self.count

    def batch(self, size: int) -> Batch:
        chosen = [self.utterances[(self.at + i) % self.count] for i in range(size)]
        self.at += size
        return padded(chosen)

    def episode(self, support: int, query: int) -> Episode:
        return Episode(self.batch(support), self.batch(query))


def padded(batches: list[Batch]) -> Batch:
    """Batches as one."""
    features = [batch.features[0] for batch in batches]
    return Batch(
        torch.nn.utils.rnn.pad_sequence(features, batch_first=True),
        torch.cat([batch.lengths for batch in batches]),
        torch.cat([batch.targets for batch in batches]),
        torch.cat([batch.target_lengths for batch in batches]),
    )


def noise(model: str, utterances: int) -> Noise:
    """What a network of `model` may hear."""
    return Noise(utterances, waveform=registry.MODELS.make(model).input_type == "waveform")


def subject(model: str, utterances: int = 6) -> Subject:
    """A network with random weights, its biases and gains included, and a support set."""
    architecture = Architecture(model, MODELS.get(model, {}), BANDS, UNITS)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        state = architecture.build().state_dict()
    generator = torch.Generator().manual_seed(1)
    for values in state.values():
        values += 0.1 * torch.randn(values.shape, generator=generator)
    support = Support(
        task=noise(model, utterances),
        unlabelled=None,
        optimizer=registry.OPTIMIZERS.make("sgd"),
        generator=Random(0),
        device="cpu",
        progress=lambda done, total: None,
    )
    return Subject(architecture, weights_of(state), support)
