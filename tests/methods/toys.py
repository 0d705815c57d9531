"""Small networks and languages to learn from, built so that the right answers are known."""

from __future__ import annotations

from random import Random

import torch
from torch import Tensor, nn

from benchmark.data.batch import Batch
from benchmark.data.task import Episode
from benchmark.methods.learning.adaptation import Adaptation
from benchmark.methods.learning.budget import Budget
from benchmark.methods.learning.training import MetaTraining
from benchmark.models.conv_ctc import ConvCTC
from benchmark.models.networks.base import Decoded, Encoded, SpeechNetwork
from benchmark.optimizers.base import Optimizer
from benchmark.optimizers.sgd import Sgd

PLAIN = Sgd(lr=0.1, schedule="constant", warmup=0.0, clip=None)


class Toy(SpeechNetwork):
    """What toys have no use for."""

    @staticmethod
    def decode(scores: Encoded) -> list[Decoded]:
        return [Decoded([], None) for _ in range(len(scores.frames))]

    def assign(self, encoded: Encoded, batch: Batch) -> Tensor:
        return encoded.frames.new_ones(*encoded.frames.shape[:2], 1)

    def parts(self) -> list[nn.Module]:
        return []


class ToyNetwork(Toy):
    """Regression of a frame's last feature on the others; smooth, so derivatives can be checked."""

    def __init__(self, num_inputs: int = 1, hidden: int = 8, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.hidden = nn.Linear(num_inputs, hidden, dtype=torch.float64)
        self.output = nn.Linear(hidden, 1, dtype=torch.float64)

    def encode(self, batch: Batch) -> Encoded:
        return Encoded(torch.tanh(self.hidden(batch.features[..., :-1])), batch.lengths)

    def head_loss(self, encoded: Encoded, batch: Batch) -> Tensor:
        return ((self.output(encoded.frames) - batch.features[..., -1:]) ** 2).mean()

    def parts(self) -> list[nn.Module]:
        return [self.hidden]


class Quadratic(Toy):
    """A point that is drawn towards the target of each utterance, by a curvature of its own."""

    def __init__(self, start: float = 0.0) -> None:
        super().__init__()
        self.point = nn.Parameter(torch.tensor([start], dtype=torch.float64))

    def encode(self, batch: Batch) -> Encoded:
        return Encoded(batch.features, batch.lengths)

    def head_loss(self, encoded: Encoded, batch: Batch) -> Tensor:
        curvature, target = batch.features[:, 0, 0], batch.features[:, 0, 1]
        return (0.5 * curvature * (self.point - target) ** 2).mean()


class ToyTask:
    """A language of the given rows, one utterance each, handed out in an endless shuffled pass."""

    def __init__(self, language: str, rows: Tensor, seed: int = 0) -> None:
        self.language = language
        self.rows = rows
        self.generator = Random(seed)
        self.waiting: list[int] = []
        self.handed_out: list[int] = []

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, size: int) -> Batch:
        assert size <= len(self)
        while len(self.waiting) < size:
            self.waiting += self.generator.sample(range(len(self)), len(self))
        taken, self.waiting = self.waiting[:size], self.waiting[size:]
        self.handed_out += taken
        return as_batch(self.rows[taken])

    def episode(self, support: int, query: int) -> Episode:
        chosen = self.generator.sample(range(len(self)), support + query)
        return Episode(as_batch(self.rows[chosen[:support]]), as_batch(self.rows[chosen[support:]]))


def as_batch(rows: Tensor) -> Batch:
    """One frame per utterance, (N, 1, F)."""
    ones = torch.ones(len(rows), dtype=torch.int64)
    return Batch(rows[:, None, :], ones, ones[:, None], ones)


def sinusoid(seed: int, num_utterances: int = 40) -> ToyTask:
    """A sine of its own amplitude and phase on [-5, 5] (Finn et al. 2017, section 5.1)."""
    generator = torch.Generator().manual_seed(seed)
    draw = torch.rand(2, generator=generator, dtype=torch.float64)
    amplitude, phase = 0.1 + 4.9 * draw[0], torch.pi * draw[1]
    x = 10 * torch.rand(num_utterances, generator=generator, dtype=torch.float64) - 5
    rows = torch.stack([x, amplitude * torch.sin(x - phase)], 1)
    return ToyTask(f"sine{seed}", rows, seed)


def meta_training(
    network: SpeechNetwork,
    tasks: list[ToyTask],
    total: int,
    outer: Optimizer = PLAIN,
    seed: int = 0,
) -> MetaTraining:
    return MetaTraining(
        network=network,
        budget=Budget(total),
        generator=Random(seed),
        progress=lambda done, total: None,
        tasks=tasks,
        outer=outer,
    )


def adaptation(
    network: SpeechNetwork, support: ToyTask, total: int, optimizer: Optimizer = PLAIN
) -> Adaptation:
    return Adaptation(
        network=network,
        budget=Budget(total),
        generator=Random(0),
        progress=lambda done, total: None,
        support=support,
        optimizer=optimizer,
    )


def weights(network: nn.Module) -> Tensor:
    """All weights in one vector, copied."""
    return torch.cat([p.detach().flatten().clone() for p in network.parameters()])


class CodeTask:
    """A language of `UNITS` sounds, six frames each, four to an utterance, under one token map."""

    UNITS = 6

    def __init__(self, seed: int, num_utterances: int = 60, spelling: Tensor | None = None) -> None:
        self.language = f"code{seed}"
        self.generator = Random(seed)
        generator = torch.Generator().manual_seed(seed)
        sounds = torch.randn(self.UNITS, 8, generator=torch.Generator().manual_seed(7))
        said = torch.randint(self.UNITS, (num_utterances, 4), generator=generator)
        noise = torch.randn(num_utterances, 24, 8, generator=generator)
        self.features = sounds[said].repeat_interleave(6, 1) + 0.3 * noise
        self.targets = said if spelling is None else spelling[said]
        self.handed_out: set[int] = set()

    def __len__(self) -> int:
        return len(self.targets)

    def chosen(self, rows: list[int]) -> Batch:
        self.handed_out |= set(rows)
        lengths, units = torch.full((len(rows),), 24), torch.full((len(rows),), 4)
        return Batch(self.features[rows], lengths, self.targets[rows], units)

    def batch(self, size: int) -> Batch:
        return self.chosen(self.generator.sample(range(len(self)), size))

    def episode(self, support: int, query: int) -> Episode:
        rows = self.generator.sample(range(len(self)), support + query)
        return Episode(self.chosen(rows[:support]), self.chosen(rows[support:]))


def spelling(seed: int) -> Tensor:
    """A random token map."""
    return torch.randperm(CodeTask.UNITS, generator=torch.Generator().manual_seed(seed))


def code_network(adapter: int = 0, num_units: int = CodeTask.UNITS, seed: int = 0) -> SpeechNetwork:
    """A small network that can learn such languages."""
    torch.manual_seed(seed)
    return ConvCTC(channels=16, blocks=1, kernel=3, adapter=adapter).build(8, num_units)
