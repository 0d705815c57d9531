"""Operations counted in some steps against closed forms, torch's counter and a full count."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from benchmark.data.batch import Batch
from benchmark.data.task import Episode
from benchmark.measure.flops import EVERY, FlopMeter
from benchmark.methods.base import Method
from benchmark.methods.joint import Joint
from benchmark.methods.learning.budget import Budget
from benchmark.methods.learning.training import MetaTraining
from benchmark.methods.maml import Maml
from benchmark.models.conv_ctc import ConvCTC
from benchmark.operations import Operations
from benchmark.optimizers.adamw import AdamW

FEATURES, UNITS = 8, 5


class Noise:
    """A language of utterances of noise, between 20 and 40 frames long."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.generator = torch.Generator().manual_seed(len(language))

    def __len__(self) -> int:
        return 100

    def batch(self, size: int) -> Batch:
        lengths = torch.randint(20, 41, (size,), generator=self.generator)
        return Batch(
            torch.randn(size, int(lengths.max()), FEATURES, generator=self.generator),
            lengths,
            torch.randint(0, UNITS, (size, 3), generator=self.generator),
            torch.full((size,), 3),
        )

    def episode(self, support: int, query: int) -> Episode:
        return Episode(self.batch(support), self.batch(query))


def training(gradients: int, progress: Callable[[int, int], None]) -> MetaTraining:
    torch.manual_seed(0)
    return MetaTraining(
        network=ConvCTC(channels=8, blocks=1, kernel=3).build(FEATURES, UNITS),
        tasks=[Noise("a"), Noise("bb")],
        outer=AdamW(),
        budget=Budget(gradients),
        generator=Random(0),
        progress=progress,
    )


def weights(run: MetaTraining) -> Tensor:
    return torch.cat([p.detach().flatten() for p in run.network.parameters()])


def test_a_linear_layer_is_counted_as_the_closed_form_has_it() -> None:
    batch, inputs, outputs = 3, 5, 7
    layer, x = nn.Linear(inputs, outputs), torch.randn(batch, inputs, requires_grad=True)
    with Operations() as forward:
        loss = layer(x).square().sum()
    with Operations() as backward:
        torch.autograd.backward(loss)
    product = 2 * batch * inputs * outputs
    assert forward.total == product
    assert backward.total == 2 * product  # by the input, and by the weight


def test_a_convolution_is_counted_as_the_closed_form_has_it() -> None:
    batch, channels, filters, kernel, length = 2, 3, 4, 5, 11
    layer = nn.Conv1d(channels, filters, kernel)
    with Operations() as counted:
        layer(torch.randn(batch, channels, length))
    assert counted.total == 2 * batch * filters * (length - kernel + 1) * channels * kernel


def test_second_order_is_counted_as_torch_counts_it() -> None:
    def meta_gradient() -> None:
        torch.manual_seed(1)
        network = ConvCTC(channels=8, blocks=1, kernel=3).build(FEATURES, UNITS)
        parameters = list(network.parameters())
        loss = network.loss(Noise("a").batch(4))
        slopes = torch.autograd.grad(loss, parameters, create_graph=True, materialize_grads=True)
        torch.autograd.grad(torch.stack([s.square().sum() for s in slopes]).sum(), parameters)

    with Operations() as ours:
        meta_gradient()
    with FlopCounterMode(display=False) as torchs:
        meta_gradient()
    assert ours.total == torchs.get_total_flops() > 0


@pytest.mark.parametrize(
    ("method", "steps"),
    [(Joint(train_batch=4), 96), (Maml(support=4, query=4, inner_steps=1, tasks=1), 48)],
    ids=["joint", "maml"],
)
def test_counting_some_steps_comes_near_counting_all(method: Method, steps: int) -> None:
    gradients = steps * (4 if isinstance(method, Joint) else 8)
    with FlopMeter(lambda spent, total: None) as meter:
        sampled = training(gradients, meter.progress)
        method.meta_train(sampled)
    with Operations() as everything:
        counted = training(gradients, lambda spent, total: None)
        method.meta_train(counted)
    plain = training(gradients, lambda spent, total: None)
    method.meta_train(plain)
    assert meter.total == pytest.approx(everything.total, rel=0.08)
    assert meter.total != everything.total
    assert torch.equal(weights(sampled), weights(plain))
    assert torch.equal(weights(counted), weights(plain))


def test_few_steps_are_all_counted() -> None:
    with FlopMeter(lambda spent, total: None) as meter:
        Joint(train_batch=4).meta_train(training(24, meter.progress))
    with Operations() as everything:
        Joint(train_batch=4).meta_train(training(24, lambda spent, total: None))
    assert meter.total == everything.total


def test_preparations_before_the_first_step_count_once() -> None:
    weight = torch.ones(10, 10)
    steps = 10 * EVERY
    with FlopMeter(lambda spent, total: None) as meter:
        for _ in range(7):
            weight @ weight
        for step in range(steps):
            weight @ weight
            meter.progress(step + 1, steps)
    assert meter.total == (7 + steps) * 2 * 10**3


def test_a_method_that_reports_no_step_is_counted_whole() -> None:
    weight = torch.ones(10, 10)
    with FlopMeter(lambda spent, total: None) as meter:
        weight @ weight
    assert meter.total == 2 * 10**3


def test_progress_is_passed_on() -> None:
    heard = []
    with FlopMeter(lambda spent, total: heard.append((spent, total))) as meter:
        for spent in (4, 8):
            meter.progress(spent, 8)
    assert heard == [(4, 8), (8, 8)]
