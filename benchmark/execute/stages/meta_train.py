"""Learn an initialisation over the training languages."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmark.execute.job import Context, Progress
from benchmark.execute.learners import meta_training, metered
from benchmark.execute.networks import (
    build,
    initial,
    load_weights,
    save_learnt,
    save_weights,
    vocabulary,
)
from benchmark.methods.learning.budget import Budget
from benchmark.models.networks.base import SpeechNetwork
from benchmark.registry import METHODS


def run(context: Context) -> dict[str, Any]:
    return metered(context, partial(_run, context))


def begin(context: Context) -> SpeechNetwork:
    """The network that meta-training starts from."""
    identity = context.identity
    num_units = len(vocabulary(identity))
    if identity["start"]:
        network = build(identity, num_units)
        load_weights(network, context.output(identity["start"]))
    else:
        network = initial(identity, num_units)
    return network.to(context.job.device)


def _run(context: Context, progress: Progress) -> dict[str, Any]:
    identity, network = context.identity, begin(context)
    training = meta_training(context, network, Budget(identity["gradients"]), progress)
    method = METHODS.make(identity["method"]["name"], identity["method"]["settings"])
    method.meta_train(training)
    save_weights(network, context.folder)
    save_learnt(training.learnt, context.folder)
    return {"gradients_spent": training.budget.spent, **training.facts}
