"""The outer loop that all meta-learners share."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from benchmark.methods.learning.sampler import watches
from benchmark.methods.learning.training import MetaTraining
from benchmark.optimizers.stepping.functional import clipped

if TYPE_CHECKING:
    from benchmark.methods.learning.episodic import Episodic


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


def meta_learn(training: MetaTraining, method: Episodic) -> None:
    """Step the outer optimizer along the mean gradient of `method.tasks` languages at a time, in
    place.

    `training.learnt` is trained along with the network. The gradient of each task is clipped
    separately, because the gradients of exact MAML are heavy-tailed and one task could dominate the
    others. The graph of a task is freed before the next is built. Raises Diverged.
    """
    alike = None if watches(method.sampler) else method
    training.learn(partial(_meta_learn, method=method), alike)


def _meta_learn(training: MetaTraining, method: Episodic) -> None:
    training.network.train()
    clip, sampler = method.outer(training.rule).clip, training.sampler(method.sampler)
    parameters = {**training.parameters(), **training.learnt}
    planned = steps(training.budget.left, method.tasks, method.task_cost)
    stepper = training.stepper(parameters, len(planned), method.outer)

    def accumulate(step: Step) -> None:
        tasks = sampler.draw(step.num_tasks)
        for task in tasks:
            gradients = clipped(method.task_gradient(training, task, step.done), clip)
            stepper.add([gradients[name] for name in parameters], len(tasks))
            sampler.observe(task, training.last_loss)

    for step in planned:
        phase = method.phase(step.done)
        alike = None if phase is None else (phase, step.num_tasks)
        training.advance(stepper, partial(accumulate, step), alike)
