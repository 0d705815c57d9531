"""Optimizers in the inner loop and in the outer loop of meta-learners."""

import pytest
import torch
from toys import ToyNetwork, ToyTask, adaptation, meta_training, sinusoid, weights

from benchmark.errors import Unsupported, UserError
from benchmark.methods.fomaml import Fomaml
from benchmark.methods.learning.inner import gradient
from benchmark.methods.maml import Maml
from benchmark.methods.reptile import Reptile
from benchmark.methods.scratch import Scratch
from benchmark.optimizers.schedulefree_adamw import ScheduleFreeAdamW
from benchmark.optimizers.stepping.functional import State
from benchmark.registry import METHODS, OPTIMIZERS

DIFFERENTIABLE = ["momentum", "adagrad", "rmsprop", "adamw", "nadam", "radam", "muon"]


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_exact_maml_through_any_inner_optimizer_agrees_with_finite_differences(name):
    method = Maml(
        inner_optimizer=name, inner_lr=0.02, inner_steps=2, inner_clip=None, first_order_share=0
    )
    network = ToyNetwork()
    task = sinusoid(0)
    episode = task.episode(method.support, method.query)
    task.episode = lambda support, query: episode
    training = meta_training(network, [task], total=10_000)
    found = method.task_gradient(training, task, 1.0)

    def query_loss():
        adapted, state = dict(training.parameters()), State()
        for _ in range(method.inner_steps):
            slopes = gradient(training.loss(episode.support, adapted), adapted)
            adapted, state = method.update()(adapted, slopes, state)
        return training.loss(episode.query, adapted).item()

    step, bias = 1e-6, network.hidden.bias
    ends = []
    for sign in (1, -1):
        with torch.no_grad():
            bias[3] += sign * step
        ends.append(query_loss())
        with torch.no_grad():
            bias[3] -= sign * step
    slope = (ends[0] - ends[1]) / (2 * step)
    assert found["hidden.bias"][3].item() == pytest.approx(slope, rel=1e-4, abs=1e-7)


def test_one_that_is_not_differentiable_is_unsupported_with_the_reason():
    training = meta_training(ToyNetwork(), [sinusoid(0)], total=320)
    for method in (Maml(inner_optimizer="soap"), Reptile(inner_optimizer="lbfgs")):
        with pytest.raises(Unsupported, match=r"cannot step the inner loop .*: (eigen|its line)"):
            method.meta_train(training)


def test_a_suite_hears_of_an_inner_optimizer_that_does_not_exist_or_is_not_a_choice():
    with pytest.raises(UserError, match="did you mean 'rmsprop'"):
        METHODS.make("maml", {"inner_optimizer": "rmspro"})
    with pytest.raises(UserError, match="itself defines the steps"):
        METHODS.make("meta_sgd", {"inner_optimizer": "adam"})


@pytest.mark.parametrize(
    "name", [name for name in OPTIMIZERS.names() if name not in ("lbfgs", "po_<algorithm>")]
)
def test_every_optimizer_takes_outer_steps_or_says_why_not(name):
    method, outer = Fomaml(inner_steps=1), OPTIMIZERS.make(name)
    network = ToyNetwork()
    before = weights(network)
    training = meta_training(network, [sinusoid(0), sinusoid(1)], total=320, outer=outer)
    if outer.wants_curvature(0):
        with pytest.raises(Unsupported, match="has only gradients"):
            method.meta_train(training)
    else:
        method.meta_train(training)
        assert not torch.equal(weights(network), before)
        assert torch.isfinite(weights(network)).all()


def test_adaptation_ends_with_the_average_that_a_schedule_free_optimizer_stands_for():
    """With a gradient that is always one, the fast weights go down by the learning rate per step,
    and the average after four steps lies two and a half steps down."""
    network = ToyNetwork()
    rows = torch.tensor([[0.0, -1e9]], dtype=torch.float64).repeat(8, 1)
    optimizer = ScheduleFreeAdamW(lr=0.1, warmup=0.0, clip=None)
    before = network.output.bias.item()
    Scratch(batch_size=8).adapt(adaptation(network, ToyTask("far", rows), 32, optimizer))
    assert before - network.output.bias.item() == pytest.approx(0.25, rel=1e-6)
