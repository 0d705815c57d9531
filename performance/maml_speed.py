"""The meta-gradient here and by learn2learn: the same numbers, seconds and memory.

    python performance/maml_speed.py [ROUNDS]

Both learn the same network from the same batches with the same loss. Ways alternate, one thread.
The ratio is the median over rounds, with its 95 % interval. Peak memory is of a process that does
nothing else, above one that only built the network (Linux).

learn2learn 0.2 comes with C files that Python 3.11 no longer compiles. In its unpacked source
distribution `rm learn2learn/data/*.c && python setup.py build_ext --inplace` makes them anew (with
cython < 3); that folder goes on PYTHONPATH, with gym, requests, tqdm and torchvision installed.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import numpy as np
import torch
from learn2learn.algorithms import MAML
from torch import Tensor

from benchmark.data.batch import Batch
from benchmark.data.task import Episode
from benchmark.methods.learning.budget import Budget
from benchmark.methods.learning.inner import query_gradient
from benchmark.methods.learning.training import MetaTraining
from benchmark.models.conformer_ctc import ConformerCTC
from benchmark.models.conv_ctc import ConvCTC
from benchmark.models.networks.base import SpeechNetwork
from benchmark.optimizers.sgd import Sgd
from benchmark.optimizers.stepping.functional import sgd
from benchmark.optimizers.stepping.stepper import Stepper
from benchmark.statistics.bootstrap import median_interval

MODELS = {"conv_ctc": ConvCTC(), "conformer_ctc": ConformerCTC()}
STEPS, LR, MELS, UNITS = 3, 0.1, 80, 32
Way = Callable[[SpeechNetwork, list[Episode], bool], list[Tensor]]


def ours(network: SpeechNetwork, episodes: list[Episode], second_order: bool) -> list[Tensor]:
    """The mean meta-gradient by this project's inner loop."""
    training = MetaTraining(
        network=network,
        budget=Budget(10**9),
        generator=Random(0),
        progress=lambda done, total: None,
        tasks=[],
        outer=Sgd(),
    )
    network.zero_grad()
    parameters = training.parameters()
    stepper = Stepper(training.outer, parameters.values(), 1)
    for episode in episodes:
        gradients = query_gradient(
            training, episode, STEPS, partial(sgd, lr=LR), None, second_order
        )
        stepper.add([gradients[name] for name in parameters], len(episodes))
    return [p.grad.clone() for p in network.parameters() if p.grad is not None]


def learn2learn(
    network: SpeechNetwork, episodes: list[Episode], second_order: bool
) -> list[Tensor]:
    """The mean meta-gradient by learn2learn."""
    maml = MAML(network, lr=LR, first_order=not second_order)
    maml.zero_grad()
    for episode in episodes:
        learner = maml.clone()
        for _ in range(STEPS):
            learner.adapt(learner(episode.support))
        torch.autograd.backward(learner(episode.query) / len(episodes))
    return [p.grad.clone() for p in network.parameters() if p.grad is not None]


def problem(model: str) -> tuple[SpeechNetwork, list[Episode]]:
    """A network and the episodes of two languages: 8 utterances of 3 seconds each to adapt to."""
    torch.manual_seed(0)
    network = MODELS[model].build(MELS, UNITS)
    return network, [Episode(_batch(2 * i), _batch(2 * i + 1)) for i in range(2)]


def _batch(seed: int) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(8, 300, MELS, generator=generator)
    targets = torch.randint(UNITS, (8, 30), generator=generator)
    return Batch(features, torch.full((8,), 300), targets, torch.full((8,), 30))


def peak_megabytes(way: Way | None, model: str, second_order: bool) -> float:
    """Peak memory of this process after one meta-gradient, or none."""
    torch.set_num_threads(1)
    network, episodes = problem(model)
    if way:
        way(network, episodes, second_order)
    # Not `ru_maxrss`, which a process inherits from the one that started it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    """Print a line per model and order."""
    torch.set_num_threads(1)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    context = multiprocessing.get_context("spawn")
    print("model          order   ours s  l2l s  ratio [95 %]       ours MB  l2l MB  difference")
    for model in MODELS:
        for second_order in (False, True):
            network, episodes = problem(model)
            seconds: dict[Way, list[float]] = {ours: [], learn2learn: []}
            found = {}
            for turn in range(rounds):
                for way, taken in list(seconds.items())[:: 1 if turn % 2 else -1]:
                    began = time.perf_counter()
                    found[way] = way(network, episodes, second_order)
                    taken.append(time.perf_counter() - began)
            memory = []
            for peak in (None, ours, learn2learn):
                with context.Pool(1) as pool:
                    memory.append(pool.apply(peak_megabytes, (peak, model, second_order)))
            a, b = (torch.cat([g.flatten() for g in found[way]]) for way in seconds)
            ratios = np.divide(seconds[ours], seconds[learn2learn])
            low, high = median_interval(ratios, seed=0)
            print(
                f"{model:14} {'second' if second_order else 'first':6}"
                f" {np.median(seconds[ours]):7.2f} {np.median(seconds[learn2learn]):6.2f}"
                f"  {np.median(ratios):.3f} [{low:.3f}, {high:.3f}]"
                f" {memory[1] - memory[0]:8.0f} {memory[2] - memory[0]:7.0f}"
                f"  {(a - b).norm() / b.norm():.1e}",
                flush=True,
            )


if __name__ == "__main__":
    main()
