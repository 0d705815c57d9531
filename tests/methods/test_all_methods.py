"""What every method keeps to, whichever it is."""

import copy
import functools

import pytest
import torch
from toys import CodeTask, adaptation, code_network, meta_training

from benchmark.methods.learning.budget import Budget
from benchmark.optimizers.adamw import AdamW
from benchmark.optimizers.sgd import Sgd
from benchmark.registry import METHODS

TOTAL = 480
NAMES = METHODS.names()
SHARED_START = {"adapter", "head_only", "lora", "partial", "soup"}
every = pytest.mark.parametrize("name", NAMES)


def learn(name, head="union"):
    """A method, its network after meta-training, and that meta-training."""
    method = METHODS.make(name)
    network = code_network(adapter=4 if name == "adapter" else 0)
    training = meta_training(network, [CodeTask(i) for i in range(3)], TOTAL, AdamW(lr=1e-2))
    training.head = head
    if name in SHARED_START:
        METHODS.make("joint").meta_train(training)
        training.budget = Budget(0)
    if method.meta_trains:
        method.meta_train(training)
    return method, network, training


learnt = functools.cache(learn)


def adapted(method, network, training, task, total=160, optimizer=None):
    network = copy.deepcopy(network)
    torch.manual_seed(1)
    run = adaptation(network, task, total, optimizer or AdamW(lr=1e-2))
    run.learnt = {name: torch.nn.Parameter(p.clone()) for name, p in training.learnt.items()}
    method.adapt(run)
    return network, run


@every
def test_the_budget_is_spent_but_for_less_than_one_task(name):
    method, _, training = learnt(name)
    if method.warm_start == 1 or not method.meta_trains:
        assert training.budget.spent == 0
    else:
        cost = method.task_cost(1.0) if hasattr(method, "task_cost") else 1
        assert TOTAL - cost < training.budget.spent <= TOTAL


@every
def test_the_network_remains_what_its_model_builds_and_adaptation_helps(name):
    method, network, training = learnt(name)
    built = {
        key: value.shape
        for key, value in code_network(4 * (name == "adapter")).state_dict().items()
    }
    assert {key: value.shape for key, value in network.state_dict().items()} == built
    task = CodeTask(9)
    test = CodeTask(9).chosen(list(range(30, 60)))
    task.features, task.targets = task.features[:30], task.targets[:30]
    before = network.loss(test).item()
    network, run = adapted(method, network, training, task)
    assert {key: value.shape for key, value in network.state_dict().items()} == built
    assert run.budget.spent == run.budget.total
    assert network.loss(test).item() < 0.97 * before
    learning = {n for n, p in network.named_parameters() if p.requires_grad}
    assert learning == {n for n in built if ".adapter." not in n}


@every
def test_the_same_seeds_give_the_same_weights(name):
    ends = []
    for _ in range(2):
        method, network, training = learn(name)
        network, _ = adapted(method, network, training, CodeTask(9), total=40)
        ends.append(torch.cat([p.flatten() for p in network.parameters()]))
    assert torch.equal(*ends)


@every
def test_no_step_sees_anything_but_its_tasks(name):
    method, network, training = learnt(name)
    others = [CodeTask(i) for i in range(3)]
    support = CodeTask(9, 10)
    seen = [set(task.handed_out) for task in training.tasks]
    adapted(method, network, training, support, total=40)
    assert [set(task.handed_out) for task in training.tasks] == seen
    assert support.handed_out == set(range(10))
    assert all(not task.handed_out for task in others)


@every
def test_an_unsupported_head_comes_with_its_reason(name):
    cls = METHODS.find(name).cls
    assert set(cls.unsupported_heads) < {"union", "fresh", "bytes"}
    assert all(len(reason) > 20 for reason in cls.unsupported_heads.values())


@pytest.mark.parametrize(
    "name", [n for n in NAMES if "fresh" not in METHODS.find(n).cls.unsupported_heads]
)
def test_renaming_the_units_of_a_language_leaves_results_under_a_fresh_head_unchanged(name):
    method, network, training = learnt(name, "fresh")
    order = torch.tensor([3, 0, 5, 1, 2, 4])
    losses, heard = [], []
    for renamed in (None, order):
        fresh = copy.deepcopy(network).double()
        fresh.fresh_head(CodeTask.UNITS, "mean")
        task, test = CodeTask(9, spelling=renamed), CodeTask(10, spelling=renamed)
        task.features, test.features = task.features.double(), test.features.double()
        sgd = Sgd(lr=0.1, schedule="constant", warmup=0.0)
        end, _ = adapted(method, fresh, training, task, total=64, optimizer=sgd)
        batch = test.chosen(list(range(20)))
        losses.append(end.loss(batch).item())
        heard.append([decoded.units for decoded in end.transcribe(batch)])
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    assert [[order[u].item() for u in units] for units in heard[0]] == heard[1]


def test_ceilings_are_marked_as_such():
    marked = {name for name in NAMES if METHODS.find(name).cls.ceiling}
    assert marked == {"monolingual"}
    assert METHODS.find("monolingual").cls.whole_split
