"""What methods do as a whole: fail well, repeat themselves, change only what they should."""

import copy

import pytest
import torch
from toys import PLAIN, Quadratic, ToyNetwork, ToyTask, adaptation, meta_training, sinusoid, weights

from benchmark.errors import Diverged, Unsupported
from benchmark.methods.fomaml import Fomaml
from benchmark.methods.joint import Joint
from benchmark.methods.maml import Maml
from benchmark.methods.reptile import Reptile
from benchmark.methods.scratch import Scratch
from benchmark.optimizers.adamw import AdamW
from benchmark.optimizers.gd import Gd
from benchmark.optimizers.sgd import Sgd

METHODS = [Joint(), Fomaml(), Maml(), Reptile()]
name = pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)


@name
def test_the_same_generators_give_the_same_weights(method):
    ends = []
    for _ in range(2):
        network = ToyNetwork()
        tasks = [sinusoid(i) for i in range(3)]
        method.meta_train(meta_training(network, tasks, total=320, outer=AdamW()))
        ends.append(weights(network))
    assert torch.equal(*ends)


@name
def test_meta_training_starts_from_the_weights_it_is_given(method):
    ends = []
    for seed in (0, 1):
        network = ToyNetwork(seed=seed)
        method.meta_train(meta_training(network, [sinusoid(0)], total=32))
        ends.append(weights(network))
    assert not torch.allclose(*ends)


@name
def test_weights_that_do_not_learn_stay_as_they_are(method):
    network = ToyNetwork()
    network.hidden.requires_grad_(False)
    before = copy.deepcopy(network)
    method.meta_train(meta_training(network, [sinusoid(0), sinusoid(1)], total=320))
    assert torch.equal(weights(network.hidden), weights(before.hidden))
    assert not torch.equal(weights(network.output), weights(before.output))


@name
def test_a_loss_that_is_not_a_number_is_a_divergence_with_its_step(method):
    task = sinusoid(0)
    task.rows[:] = torch.nan
    with pytest.raises(Diverged, match="nan at step 1"):
        method.meta_train(meta_training(ToyNetwork(), [task], total=320))


def test_too_large_a_step_is_a_divergence_later_on():
    outer = Sgd(lr=1e200, schedule="constant", warmup=0.0, clip=None)
    with pytest.raises(Diverged, match=r"step [2-9]"):
        Joint().meta_train(meta_training(ToyNetwork(), [sinusoid(0)], total=320, outer=outer))
    with pytest.raises(Diverged, match=r"step [2-9]"):
        Scratch().adapt(adaptation(ToyNetwork(), sinusoid(0), 320, outer))


def test_a_language_too_small_for_an_episode_is_unsupported_with_the_reason():
    with pytest.raises(Unsupported, match=r"sine0 has 9 utterances .* takes 16"):
        Fomaml().meta_train(meta_training(ToyNetwork(), [sinusoid(0, 9)], total=320))


def test_adaptation_repeats_itself_and_learns():
    ends = []
    for _ in range(2):
        network, task = ToyNetwork(), sinusoid(0, 20)
        before = network.loss(task.episode(0, 20).query).item()
        Scratch().adapt(adaptation(network, task, 2000, AdamW(lr=1e-2)))
        ends.append(weights(network))
        assert network.loss(task.episode(0, 20).query).item() < 0.5 * before
    assert torch.equal(*ends)


def test_gd_takes_the_gradient_of_the_whole_support_set_in_parts():
    network, task = ToyNetwork(), sinusoid(0, 20)
    start = weights(network)
    loss = network.loss(task.episode(0, 20).query)
    full = torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(network.parameters()))])
    gd = Gd(lr=0.1, schedule="constant", warmup=0.0, clip=None)
    Scratch(batch_size=8).adapt(adaptation(network, task, 20, gd))
    torch.testing.assert_close(weights(network), start - 0.1 * full)


def test_a_support_set_smaller_than_a_batch_is_used_whole():
    network, task = ToyNetwork(), sinusoid(0, 3)
    run = adaptation(network, task, 10)
    Scratch(batch_size=8).adapt(run)
    assert run.step == 4
    assert sorted(task.handed_out[:3]) == [0, 1, 2]


def quadratic(name: str, curvature: float, target: float) -> ToyTask:
    rows = torch.tensor([[curvature, target]], dtype=torch.float64).repeat(4, 1)
    return ToyTask(name, rows)


def test_exact_maml_reaches_the_known_optimum_of_quadratic_tasks_and_first_order_does_not():
    """One inner step of size a on c/2 (x - t)^2 leaves c/2 (1 - ac)^2 (x - t)^2 for the query: the
    optimum is the mean of targets weighted by c (1 - ac)^2, but FOMAML weighs by c (1 - ac)."""
    (c1, t1), (c2, t2), a = (1.0, 0.0), (3.0, 1.0), 0.3
    tasks = [quadratic("flat", c1, t1), quadratic("steep", c2, t2)]

    def optimum(power: int) -> float:
        w1, w2 = c1 * (1 - a * c1) ** power, c2 * (1 - a * c2) ** power
        return (w1 * t1 + w2 * t2) / (w1 + w2)

    ends = {}
    settings = {"inner_steps": 1, "inner_lr": a, "inner_clip": None, "tasks": 2}
    for method in (
        Maml(**settings, support=2, query=2, outer_lr_scale=1, first_order_share=0),
        Fomaml(**settings, support=2, query=2, outer_lr_scale=1),
    ):
        network = Quadratic()
        outer = type(PLAIN)(lr=1.0, schedule="constant", warmup=0.0, clip=None)
        method.meta_train(meta_training(network, tasks, total=8 * 200, outer=outer))
        ends[type(method)] = network.point.item()
    assert ends[Maml] == pytest.approx(optimum(2), abs=1e-6)
    assert ends[Fomaml] == pytest.approx(optimum(1), abs=1e-6)
    assert abs(optimum(2) - optimum(1)) > 0.1
