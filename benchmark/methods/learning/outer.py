"""The outer loop that all meta-learners share."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from benchmark.data.task import Task
from benchmark.methods.learning.sampler import Sampler
from benchmark.methods.learning.training import MetaTraining
from benchmark.optimizers.base import Optimizer
from benchmark.optimizers.stepping.functional import Tensors, clipped
from benchmark.optimizers.stepping.stepper import Stepper

TaskGradient = Callable[[Task, float], Tensors]
"""The gradient of a task for the shared weights, given the share of the budget spent."""


class Step(NamedTuple):
    """An outer step: the share of the budget spent before it, and how many languages it takes."""

    done: float
    num_tasks: int


def steps(total: int, num_tasks: int, task_cost: Callable[[float], int]) -> list[Step]:
    """The steps that `total` utterance-gradients allow.

    The last step takes as many tasks as the rest allows. A remainder too small for a task is not
    spent.
    """
    planned, left = [], total
    while left and left >= (cost := task_cost(1 - left / total)):
        planned.append(Step(1 - left / total, min(num_tasks, left // cost)))
        left -= planned[-1].num_tasks * cost
    return planned


def meta_learn(
    training: MetaTraining,
    outer: Optimizer,
    sampler: Sampler,
    num_tasks: int,
    task_cost: Callable[[float], int],
    task_gradient: TaskGradient,
) -> None:
    """Step `outer` along the mean gradient of `num_tasks` languages at a time, in place.

    `training.learnt` is trained along with the network. `task_cost` maps the share of the budget
    spent to the utterance-gradients of a task. The gradient of each task is clipped separately,
    because the gradients of exact MAML are heavy-tailed and one task could dominate the others. The
    graph of a task is freed before the next is built. Raises Diverged.
    """
    training.network.train()
    parameters = {**training.parameters(), **training.learnt}
    planned = steps(training.budget.left, num_tasks, task_cost)
    stepper = Stepper(outer, parameters.values(), len(planned))
    for step in planned:
        tasks = sampler.draw(step.num_tasks)
        for task in tasks:
            add_gradients(
                parameters, clipped(task_gradient(task, step.done), outer.clip), len(tasks)
            )
            sampler.observe(task, training.last_loss)
        stepper.step()
        training.finish_step()


def add_gradients(parameters: Tensors, gradients: Tensors, count: int) -> None:
    """Add one of `count` gradients to the mean gradient accumulated in the parameters."""
    for name, parameter in parameters.items():
        share = gradients[name].detach() / count
        if parameter.grad is None:
            parameter.grad = share
        else:
            parameter.grad += share
