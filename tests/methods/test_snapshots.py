"""Snapshots on the way of adaptation: what a run that stopped there would leave, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor
from toys import CodeTask, adaptation, code_network, meta_training

from benchmark.methods.base import Method
from benchmark.methods.learning.adaptation import Adaptation
from benchmark.optimizers.adamw import AdamW
from benchmark.optimizers.base import Optimizer
from benchmark.optimizers.gd import Gd
from benchmark.optimizers.lbfgs import Lbfgs
from benchmark.optimizers.schedulefree_adamw import ScheduleFreeAdamW
from benchmark.registry import METHODS, OPTIMIZERS

BATCH, STEPS = 8, 6
CONSTANT = AdamW(schedule="constant", warmup=0.0)
"""An optimizer whose steps do not depend on how many there will be."""


def adapted(
    method: Method,
    optimizer: Optimizer,
    learnt: dict[str, Any],
    start: dict[str, Tensor],
    steps: int,
    keep_at: tuple[int, ...] = (),
) -> tuple[Adaptation, dict[int, dict[str, Tensor]]]:
    torch.manual_seed(1)
    network = code_network(adapter=4)
    network.load_state_dict(start)
    run = adaptation(network, CodeTask(9, 24), BATCH * steps, optimizer)
    kept: dict[int, dict[str, Tensor]] = {}
    run.learnt = learnt
    run.keep_at, run.keep = keep_at, lambda step, weights: kept.update({step: dict(weights)})
    torch.manual_seed(2)
    method.adapt(run)
    return run, kept


def trained(method: Method) -> tuple[dict[str, Any], dict[str, Tensor]]:
    run = meta_training(code_network(adapter=4), [CodeTask(1), CodeTask(2)], 160, AdamW())
    method.meta_train(run)
    return run.learnt, {n: t.clone() for n, t in run.network.state_dict().items()}


def same(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[n], other[n]) for n in one)


@pytest.mark.parametrize("name", METHODS.names())
def test_a_snapshot_is_what_stopping_there_leaves_and_taking_it_changes_nothing(name: str) -> None:
    method = replace(METHODS.make(name), batch_size=BATCH)
    learnt, start = trained(method)
    plain, _ = adapted(method, CONSTANT, learnt, start, STEPS)
    watched, kept = adapted(method, CONSTANT, learnt, start, STEPS, (0, 1, 3, STEPS, 100))
    assert same(watched.network.state_dict(), plain.network.state_dict())
    assert watched.step == STEPS
    assert list(kept) == [0, 1, 3]
    for step in (1, 3):
        stopped, _ = adapted(method, CONSTANT, learnt, start, step)
        assert same(kept[step], stopped.network.state_dict())
    assert not same(kept[0], kept[3])


@pytest.mark.parametrize("name", ["joint", "lora", "head_only"])
def test_the_first_snapshot_is_the_network_that_did_not_adapt(name: str) -> None:
    method = METHODS.make(name)
    learnt, start = trained(method)
    _, kept = adapted(method, CONSTANT, learnt, start, 2, (0,))
    assert same(kept[0], start)


@pytest.mark.parametrize(
    "name", [*(n for n in OPTIMIZERS.names() if "<" not in n), "po_schedulefreeadamw", "po_came"]
)
def test_no_optimizer_minds_being_watched(name: str) -> None:
    optimizer = OPTIMIZERS.make(name)
    method = METHODS.make("joint")
    _, start = trained(method)
    plain, _ = adapted(method, optimizer, {}, start, 12)
    watched, kept = adapted(method, optimizer, {}, start, 12, (0, 1, 2))
    assert same(watched.network.state_dict(), plain.network.state_dict())
    assert kept


def test_a_schedule_free_optimizer_is_seen_at_its_average() -> None:
    optimizer = ScheduleFreeAdamW(warmup=0.0)
    method = METHODS.make("joint")
    _, start = trained(method)
    _, kept = adapted(method, optimizer, {}, start, STEPS, (3,))
    stopped, _ = adapted(method, optimizer, {}, start, 3)
    assert same(kept[3], stopped.network.state_dict())


def test_a_step_of_gradient_descent_takes_the_whole_support_set() -> None:
    method = METHODS.make("joint")
    _, start = trained(method)
    run, kept = adapted(method, Gd(), {}, start, 9, (0, 1, 2, 3))
    assert run.step == 3
    assert list(kept) == [0, 1, 2]


def test_a_line_search_is_seen_at_the_best_point_so_far() -> None:
    method = METHODS.make("joint")
    _, start = trained(method)
    _, kept = adapted(method, Lbfgs(), {}, start, 30, (0, 1, 4))
    stopped, _ = adapted(method, Lbfgs(), {}, start, 12)
    assert same(kept[1], start)  # the first evaluation is of the start
    assert same(kept[4], stopped.network.state_dict())
