"""Steps of learning on noise, timed and compared: what `gpu.py` measures without speech."""

from __future__ import annotations

import gc
import importlib.util
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import Any

import torch
from torch import Tensor

from benchmark.data.batch import Batch
from benchmark.data.task import Episode
from benchmark.execute.networks import reproducible
from benchmark.methods.learning import captured
from benchmark.methods.learning.adaptation import Adaptation, fine_tune
from benchmark.methods.learning.budget import Budget
from benchmark.methods.learning.lockstep import Lockstep
from benchmark.methods.learning.outer import meta_learn
from benchmark.methods.learning.training import MetaTraining
from benchmark.models.base import Model
from benchmark.models.conformer_ctc import ConformerCTC
from benchmark.models.conv_ctc import ConvCTC
from benchmark.models.networks.base import SpeechNetwork
from benchmark.operations import Operations
from benchmark.optimizers.adamw import AdamW
from benchmark.optimizers.sgd import Sgd
from benchmark.registry import METHODS

MELS, UNITS = 80, 40
WARMUP = {"cuda": 6, "cpu": 1}
"""Steps before the clock starts, by device: on a GPU the first are recorded, captured, checked."""


class Noise:
    """A language of noise of equal length, already on the device."""

    def __init__(self, seed: int, count: int, frames: int, like: Tensor) -> None:
        self.language = f"noise{seed}"
        self.next = 0
        drawn = torch.Generator().manual_seed(seed)
        texts = torch.randint(UNITS, (count, frames // 10), generator=drawn)
        self.all = Batch(
            torch.randn(count, frames, MELS, generator=drawn).to(like),
            torch.full((count,), frames).to(like.device),
            texts.to(like.device),
            torch.full((count,), frames // 10).to(like.device),
        )

    def __len__(self) -> int:
        return len(self.all)

    def batch(self, size: int) -> Batch:
        """The next utterances of an endless pass."""
        first = self.next if self.next + size <= len(self) else 0
        self.next = first + size
        return Batch(*(tensor[first : first + size] for tensor in vars(self.all).values()))

    def episode(self, support: int, query: int) -> Episode:
        """`support` utterances and `query` others."""
        whole = vars(self.batch(support + query)).values()
        return Episode(
            Batch(*(tensor[:support] for tensor in whole)),
            Batch(*(tensor[support:] for tensor in whole)),
        )


class Clock:
    """Seconds from the end of the warm-up to the end of the last step, as progress is reported."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.warmup = WARMUP[device]
        self.steps = 0
        self.began = 0.0
        self.seconds = 0.0

    def __call__(self, spent: int, total: int) -> None:
        self.steps += 1
        if self.steps == self.warmup or spent == total:
            if self.device == "cuda":
                torch.cuda.synchronize()
            now = time.perf_counter()
            self.began, self.seconds = self.began or now, now - self.began

    @property
    def per_step(self) -> float:
        """Seconds of a step."""
        return self.seconds / (self.steps - self.warmup)


@contextmanager
def capturing(wanted: bool) -> Iterator[None]:
    """Steps are captured on a GPU, or launched kernel by kernel."""
    before = captured.CAPTURED_ON
    captured.CAPTURED_ON = {"cuda"} if wanted else set()
    try:
        yield
    finally:
        captured.CAPTURED_ON = before


@dataclass(frozen=True)
class Setting:
    """What learns: models of one size on batches of one shape.

    frames  10 ms each
    """

    model: Model
    utterances: int
    frames: int
    device: str
    autocast: torch.dtype | None = None
    dtype: torch.dtype = torch.float32

    def network(self, seed: int) -> SpeechNetwork:
        torch.manual_seed(seed)
        return self.model.build(MELS, UNITS).to(self.device, self.dtype)

    def noise(self, seed: int, count: int) -> Noise:
        like = torch.zeros((), device=self.device, dtype=self.dtype)
        return Noise(seed, count, self.frames, like)

    def tune(self, steps: int, clock: Callable[[int, int], None], seed: int = 0) -> SpeechNetwork:
        """Fine-tuning by AdamW; returns the network."""
        network = self.network(seed)
        fine_tune(
            Adaptation(
                network=network,
                budget=Budget(steps * self.utterances),
                generator=Random(seed),
                progress=clock,
                autocast=self.autocast,
                support=self.noise(seed, 2 * self.utterances),
                optimizer=AdamW(lr=1e-4),
            ),
            self.utterances,
        )
        return network

    def meta_learn(
        self, second_order: bool, steps: int, clock: Callable[[int, int], None], seed: int = 0
    ) -> SpeechNetwork:
        """Meta-training by (first-order) MAML, one task a step; returns the network."""
        name = "maml" if second_order else "fomaml"
        sizes: dict[str, Any] = {"support": self.utterances, "query": self.utterances, "tasks": 1}
        method: Any = replace(METHODS.make(name), **sizes)
        if second_order:
            method = replace(method, first_order_share=0.0)
        network = self.network(seed)
        meta_learn(
            MetaTraining(
                network=network,
                budget=Budget(steps * method.task_cost(0.0)),
                generator=Random(seed),
                progress=clock,
                autocast=self.autocast,
                tasks=[self.noise(3 * seed + i, 2 * self.utterances) for i in range(2)],
                outer=AdamW(lr=1e-4),
            ),
            method,
        )
        return network


def timed(run: Callable[..., object], size: int, steps: int, device: str, capture: bool) -> float:
    """Seconds of a step of each learner, where `size` of them make `run(steps, clock, seed)`."""
    clock = Clock(device)
    clocks = [clock, *([lambda spent, total: None] * (size - 1))]
    tasks = [partial(run, clock.warmup + steps, each, seed) for seed, each in enumerate(clocks)]
    with reproducible(0), capturing(capture):
        for end in Lockstep().run(tasks) if size > 1 else [tasks[0]()]:
            if isinstance(end, Exception):
                raise end
    gc.collect()
    if device == "cuda":
        torch.cuda.empty_cache()
    return clock.per_step / size


def operations(setting: Setting) -> int:
    """Floating-point operations of a step."""
    with reproducible(0), capturing(False), Operations() as counted:
        setting.tune(1, lambda spent, total: None)
    return counted.total


def learn2learn_seconds(setting: Setting, second_order: bool, tasks: int) -> float | None:
    """Seconds of a task of a meta-step by learn2learn; None where it is not installed."""
    if importlib.util.find_spec("learn2learn") is None:
        return None
    from learn2learn.algorithms import MAML

    network = setting.network(0)
    maml = MAML(network, lr=0.1, first_order=not second_order)
    noise = setting.noise(0, 2 * setting.utterances)
    optimizer = torch.optim.AdamW(maml.parameters(), lr=1e-4)
    clock = Clock(setting.device)
    with reproducible(0):
        for i in range(clock.warmup + tasks):
            episode, learner = noise.episode(setting.utterances, setting.utterances), maml.clone()
            for _ in range(3):
                learner.adapt(learner(episode.support))
            learner(episode.query).backward()
            optimizer.step()
            optimizer.zero_grad()
            clock(i + 1, clock.warmup + tasks)
    return clock.per_step


def settings(device: str, tiny: bool) -> dict[str, Setting]:
    """What is timed, by name."""
    bf16 = torch.bfloat16
    if tiny:
        conv = ConvCTC(channels=8, blocks=1, kernel=3)
        conformer = ConformerCTC(dim=8, blocks=1, heads=2, ff=8, kernel=3)
        small = {"conv": conv, "conformer": conformer}
        found = {name: Setting(model, 2, 40, device) for name, model in small.items()}
        return {**found, "large": Setting(conformer, 2, 60, device, bf16)}
    return {
        "conv 0.4 M, 8 x 3 s": Setting(ConvCTC(), 8, 300, device),
        "conformer 1.4 M, 8 x 3 s": Setting(ConformerCTC(), 8, 300, device),
        "conformer 16 M, 64 x 12 s, bf16": Setting(
            ConformerCTC(dim=256, blocks=12, ff=1024), 64, 1200, device, bf16
        ),
        "conformer 100 M, 32 x 15 s, bf16": Setting(
            ConformerCTC(dim=512, blocks=18, ff=2048, heads=8), 32, 1500, device, bf16
        ),
    }


def flat(network: SpeechNetwork) -> Tensor:
    """All weights in one vector."""
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def difference(name: str, model: Model, device: str, size: int = 3) -> float:
    """The largest difference of weights learnt in a stack from those learnt alone, as a share of
    how far they moved.

    Each learner meta-trains and adapts by the method `name`, in float64.
    """
    setting = Setting(model, 4, 40, device, dtype=torch.float64)
    method: Any = METHODS.make(name)
    cost = method.task_cost(1.0) * method.tasks if hasattr(method, "task_cost") else 16

    def learn(seed: int) -> Tensor:
        network = setting.network(seed)
        rule = Sgd(lr=0.05)
        shared: dict[str, Any] = {"network": network, "generator": Random(seed)}
        shared["progress"] = lambda spent, total: None
        training = MetaTraining(
            **shared,
            budget=Budget(8 * cost),
            tasks=[setting.noise(3 * seed + i, 24) for i in range(2)],
            outer=rule,
        )
        if method.meta_trains:
            method.meta_train(training)
        support = setting.noise(3 * seed + 2, 24)
        run = Adaptation(**shared, budget=Budget(32), support=support, optimizer=rule)
        run.learnt = {name: torch.nn.Parameter(p.clone()) for name, p in training.learnt.items()}
        replace(method, batch_size=4).adapt(run)
        return flat(network)

    runs: Sequence[Callable[[], Tensor]] = [partial(learn, seed) for seed in range(size)]
    with reproducible(0):
        together = Lockstep().run(runs)
        worst = 0.0
        with capturing(False):
            for seed, (run, end) in enumerate(zip(runs, together, strict=True)):
                if isinstance(end, Exception):
                    raise end
                alone = run()
                moved = alone - flat(setting.network(seed))
                worst = max(worst, float((end - alone).norm() / moved.norm()))
    return worst
