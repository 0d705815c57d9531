"""Problems built so that one knows who must win, who must tie and who must lose."""

import copy

import pytest
import torch
from toys import (
    CodeTask,
    ToyNetwork,
    ToyTask,
    adaptation,
    code_network,
    meta_training,
    spelling,
)

from benchmark.methods.anil import Anil
from benchmark.methods.fomaml import Fomaml
from benchmark.methods.joint import Joint
from benchmark.methods.maml import Maml
from benchmark.methods.protonet import Protonet
from benchmark.methods.reptile import Reptile
from benchmark.methods.unicorn import Unicorn
from benchmark.optimizers.adamw import AdamW


def loss_after(network, episode, lr, steps, clip=None) -> float:
    """The query loss after plain gradient descent on the support set."""
    network = copy.deepcopy(network)
    optimizer = torch.optim.SGD(network.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        network.loss(episode.support).backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(network.parameters(), clip)
        optimizer.step()
    with torch.no_grad():
        return network.loss(episode.query).item()


def sine(seed: int, num_utterances: int = 40) -> ToyTask:
    """Amplitude 0.1 to 5 and any phase (Finn et al. 2017, section 5.1), seen through harmonics.

    Only the first of six matters, which few examples cannot tell and many languages can.
    """
    generator = torch.Generator().manual_seed(seed)
    draw = torch.rand(2, generator=generator, dtype=torch.float64)
    amplitude, phase = 0.1 + 4.9 * draw[0], 2 * torch.pi * draw[1]
    x = 10 * torch.rand(num_utterances, generator=generator, dtype=torch.float64) - 5
    waves = [wave(k * x) for k in range(1, 7) for wave in (torch.sin, torch.cos)]
    return ToyTask(f"sine{seed}", torch.stack([*waves, amplitude * torch.sin(x - phase)], 1), seed)


def test_few_shot_sinusoids_are_learnt_by_maml_and_not_by_joint_training():
    maml = Maml(
        inner_steps=1,
        inner_lr=0.1,
        inner_clip=None,
        support=10,
        query=10,
        tasks=4,
        outer_lr_scale=1,
        first_order_share=0,
    )
    best = {}
    for method in (Joint(train_batch=40), maml):
        network = ToyNetwork(12, hidden=20)
        tasks = [sine(i) for i in range(20)]
        method.meta_train(meta_training(network, tasks, 16_000, AdamW(lr=1e-2)))
        episodes = [sine(seed, 60).episode(10, 50) for seed in range(100, 112)]
        best[type(method)] = min(
            sum(loss_after(network, e, lr, steps=3) for e in episodes) / len(episodes)
            for lr in (0.03, 0.1, 0.2)
        )
    assert best[Maml] < 0.25 * best[Joint]


@pytest.fixture(scope="module")
def joint():
    """A network that knows four languages of one spelling, as all methods start from."""
    network = code_network()
    tasks = [CodeTask(i, 100) for i in range(4)]
    Joint().meta_train(meta_training(network, tasks, 3000, AdamW(lr=1e-2)))
    return network


@pytest.fixture(scope="module")
def more_joint(joint):
    """Joint training that goes on for as long as a meta-learner."""
    return learn(Joint(), joint).network


def learn(method, start, head="union", total=3000):
    """Meta-training that goes on from `start`."""
    tasks = [CodeTask(i, 100) for i in range(4)]
    training = meta_training(copy.deepcopy(start), tasks, total, AdamW(lr=1e-2))
    training.head = head
    method.meta_train(training)
    return training


def after_ten_steps(network, exclusive: bool, rows=None) -> float:
    """Mean query loss over new languages, each with a spelling of its own if `exclusive`."""
    losses = []
    for seed in range(50, 54):
        fresh = copy.deepcopy(network)
        torch.manual_seed(seed)
        if rows:
            fresh.fresh_head(CodeTask.UNITS, rows)
        task = CodeTask(seed, 60, spelling(seed) if exclusive else None)
        losses.append(loss_after(fresh, task.episode(10, 40), lr=0.3, steps=10, clip=1.0))
    return sum(losses) / len(losses)


META = [Fomaml(), Maml(), Reptile(), Anil(), Unicorn()]


@pytest.mark.parametrize("method", META, ids=lambda m: type(m).__name__)
def test_mutually_exclusive_token_maps_favour_meta_learners_over_plain_joint(
    joint, more_joint, method
):
    """And joint training with a fresh head over most of both: the control that must be shown."""
    plain = after_ten_steps(more_joint, exclusive=True)
    control = after_ten_steps(more_joint, exclusive=True, rows="random")
    # An inner loop over the output layer alone teaches the body more slowly, and seeds differ more.
    total = 6000 if isinstance(method, Anil) else 3000
    meta = after_ten_steps(learn(method, joint, "fresh", total).network, exclusive=True)
    assert meta < 0.75 * plain
    assert control < 0.25 * plain


@pytest.mark.parametrize("method", META, ids=lambda m: type(m).__name__)
def test_languages_that_share_everything_are_a_tie(joint, more_joint, method):
    together = after_ten_steps(more_joint, exclusive=False)
    apart = after_ten_steps(learn(method, joint).network, exclusive=False)
    assert abs(apart - together) < 0.15
    assert together < 0.15


def test_prototypes_know_a_new_spelling_without_a_step(joint):
    training, losses = learn(Protonet(), joint, "fresh"), []
    for seed in range(50, 54):
        task = CodeTask(seed, 60, spelling(seed))
        test = task.chosen(list(range(20, 60)))
        task.features, task.targets = task.features[:20], task.targets[:20]
        fresh = copy.deepcopy(training.network)
        fresh.fresh_head(CodeTask.UNITS, "mean")
        run = adaptation(fresh, task, total=0)
        run.learnt = training.learnt
        Protonet().adapt(run)
        losses.append(fresh.loss(test).item())
    assert sum(losses) / len(losses) < 0.5
