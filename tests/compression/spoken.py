"""A tiny language, networks that have learnt it, and subjects of compression made of them."""

from __future__ import annotations

from random import Random
from typing import Any

import torch

from benchmark.compression.chain.subject import Subject
from benchmark.compression.chain.support import Support
from benchmark.compression.storage.weight import weights_of
from benchmark.compression.structure.architecture import Architecture
from benchmark.data.batch import Batch
from benchmark.data.task import Episode
from benchmark.methods.learning.adaptation import Adaptation, fine_tune
from benchmark.methods.learning.budget import Budget
from benchmark.models.networks.base import SpeechNetwork
from benchmark.optimizers.base import Optimizer
from benchmark.registry import COMPRESSIONS, OPTIMIZERS

MELS, UNITS, LENGTH, FRAMES = 16, 4, 4, 12
"""Each unit lights mel bands of its own for so many frames."""

SETTINGS: dict[str, dict[str, Any]] = {
    "conv_ctc": {"channels": 24, "blocks": 3, "kernel": 3},
    "conformer_ctc": {"dim": 16, "blocks": 3, "heads": 4, "ff": 24, "kernel": 3},
    "keyword_cnn": {},
    "wav2vec2": {"dim": 16, "layers": 2, "heads": 2, "ff": 24, "conv": 8},
}
BANDS = {"keyword_cnn": 64}


class Spoken:
    """Utterances of random units, handed out in turn; a `Task`."""

    def __init__(self, count: int, seed: int = 0, mels: int = MELS, labelled: bool = True) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.language = "xx"
        self.targets = torch.randint(UNITS, (count, LENGTH), generator=generator)
        noise = 0.3 * torch.randn(count, LENGTH * FRAMES, mels, generator=generator)
        lit = self.targets.repeat_interleave(FRAMES, 1)[:, :, None] == torch.arange(UNITS)
        self.features = noise + 2.0 * lit.repeat_interleave(mels // UNITS, 2)
        self.labelled = labelled
        self.handed_out = 0

    def __len__(self) -> int:
        return len(self.targets)

    def batch(self, size: int) -> Batch:
        rows = torch.arange(self.handed_out, self.handed_out + size) % len(self)
        self.handed_out += size
        return self.of(rows)

    def of(self, rows: torch.Tensor) -> Batch:
        targets = self.targets[rows] if self.labelled else self.targets[rows, :0]
        lengths = torch.full((len(rows),), LENGTH * FRAMES)
        counts = torch.full((len(rows),), targets.shape[1])
        return Batch(self.features[rows], lengths, targets, counts)

    def episode(self, support: int, query: int) -> Episode:
        return Episode(self.batch(support), self.batch(query))

    def all(self) -> Batch:
        return self.of(torch.arange(len(self)))


def adaptation(
    network: SpeechNetwork, task: Spoken, gradients: int, optimizer: Optimizer | None = None
) -> Adaptation:
    return Adaptation(
        network=network,
        support=task,
        optimizer=optimizer or OPTIMIZERS.make("adamw", {"lr": 0.01}),
        budget=Budget(gradients),
        generator=Random(0),
        progress=lambda spent, total: None,
    )


def architecture(model: str, **settings: Any) -> Architecture:
    mels = BANDS.get(model, MELS)
    return Architecture(model, {**SETTINGS[model], **settings}, mels, UNITS)


def subject(
    model: str = "conv_ctc", *, taught: int = 0, support: Support | None = None, **settings: Any
) -> Subject:
    """A network, taught with so many utterance-gradients."""
    shape = architecture(model, **settings)
    torch.manual_seed(0)
    network = shape.build()
    if taught:
        fine_tune(adaptation(network, Spoken(24, mels=shape.num_features), taught), 8)
    return Subject(shape, weights_of(network.state_dict()), support)


def support(task: Spoken, unlabelled: Spoken | None = None) -> Support:
    return Support(
        task=task,
        unlabelled=unlabelled,
        optimizer=OPTIMIZERS.make("adamw", {"lr": 0.01}),
        generator=Random(0),
        device="cpu",
        progress=lambda spent, total: None,
    )


def technique(name: str, **settings: Any) -> Any:
    return COMPRESSIONS.make(name, settings)


@torch.no_grad()
def scores(network: SpeechNetwork, task: Spoken) -> torch.Tensor:
    return network.eval().scores(task.all()).frames


@torch.no_grad()
def loss(network: SpeechNetwork, task: Spoken) -> float:
    return float(network.eval().loss(task.all()))
