"""The outer loop that all meta-learners share."""

from __future__ import annotations

from collections.abc import Callable

from benchmark.methods.learning.task import Task
from benchmark.methods.learning.training import MetaTraining
from benchmark.optimizers.base import Optimizer
from benchmark.optimizers.stepping.functional import Tensors, clipped
from benchmark.optimizers.stepping.stepper import Stepper

TaskGradient = Callable[[Task, float], Tensors]
"""What a task asks of the shared weights, given the share of outer steps that are done."""


def meta_learn(
    training: MetaTraining,
    outer: Optimizer,
    num_tasks: int,
    task_cost: int,
    task_gradient: TaskGradient,
) -> None:
    """Step `outer` along the mean gradient of `num_tasks` languages at a time, in place.

    Each task costs `task_cost` utterance-gradients. The last step takes the tasks that the budget
    still allows; what is too little for one is left. Each task's gradient is clipped on its own,
    because those of exact MAML are heavy-tailed and one task would otherwise drown the others;
    its graph is freed before the next task's is built. Raises Diverged.
    """
    network, budget = training.network, training.budget
    network.train()
    parameters = training.parameters()
    total_steps = -(-(budget.left // task_cost) // num_tasks)
    stepper = Stepper(outer, parameters.values(), total_steps)
    for step in range(total_steps):
        tasks = training.draw(min(num_tasks, budget.left // task_cost))
        for task in tasks:
            gradients = clipped(task_gradient(task, step / total_steps), outer.clip)
            for name, parameter in parameters.items():
                share = gradients[name].detach() / len(tasks)
                parameter.grad = share if parameter.grad is None else parameter.grad + share
        stepper.step()
        training.finish_step()
