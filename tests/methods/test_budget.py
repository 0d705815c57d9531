"""Every method pays for its gradients, and all have the same to spend."""

import pytest
from toys import ToyNetwork, adaptation, meta_training, sinusoid

from benchmark.methods.fomaml import Fomaml
from benchmark.methods.joint import Joint
from benchmark.methods.learning.budget import Budget
from benchmark.methods.maml import Maml
from benchmark.methods.reptile import Reptile
from benchmark.methods.scratch import Scratch
from benchmark.optimizers.gd import Gd
from benchmark.optimizers.sgd import Sgd

METHODS = [
    Joint(),
    Fomaml(inner_steps=3),
    Maml(inner_steps=3),
    Reptile(inner_steps=4),
]


def test_a_budget_counts_down_and_cannot_be_overdrawn():
    budget = Budget(10)
    budget.spend(4)
    assert (budget.spent, budget.left, budget.fraction, budget.steps(4)) == (4, 6, 0.4, 2)
    with pytest.raises(ValueError, match="7 utterance-gradients requested, 6 left"):
        budget.spend(7)


@pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)
def test_all_methods_spend_the_same(method):
    training = meta_training(ToyNetwork(), [sinusoid(i) for i in range(3)], total=320)
    method.meta_train(training)
    assert training.budget.spent == 320


@pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)
def test_what_does_not_divide_is_spent_on_a_smaller_step_as_far_as_it_goes(method):
    training = meta_training(ToyNetwork(), [sinusoid(i) for i in range(3)], total=333)
    method.meta_train(training)
    assert training.budget.spent == (333 if isinstance(method, Joint) else 320)
    assert training.step == (21 if isinstance(method, Joint) else 5)


def test_scratch_spends_nothing_before_adaptation():
    assert Scratch.meta_trains is False
    assert Scratch().warm_start == Joint().warm_start == 0


@pytest.mark.parametrize("optimizer", [Sgd(), Gd()], ids=lambda o: type(o).__name__)
def test_adaptation_spends_all_of_its_budget(optimizer):
    task = adaptation(ToyNetwork(), sinusoid(0, 20), 47, optimizer)
    Joint(batch_size=8).adapt(task)
    assert task.budget.spent == 47
    assert task.step == (3 if optimizer.full_batch else 6)


def test_progress_is_reported_in_utterance_gradients():
    seen = []
    training = meta_training(ToyNetwork(), [sinusoid(0)], total=40)
    training.progress = lambda done, total: seen.append((done, total))
    Joint(train_batch=16).meta_train(training)
    assert seen == [(16, 40), (32, 40), (40, 40)]
