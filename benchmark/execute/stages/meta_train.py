"""Learn an initialisation over the training languages."""

from __future__ import annotations

from random import Random
from typing import Any

from benchmark.execute.job import Context
from benchmark.execute.networks import (
    autocast,
    build,
    initial,
    load_weights,
    reproducible,
    save_learnt,
    save_weights,
    speech_set,
    vocabulary,
)
from benchmark.methods.learning.budget import Budget
from benchmark.methods.learning.training import MetaTraining
from benchmark.registry import METHODS, OPTIMIZERS


def run(context: Context) -> dict[str, Any]:
    with reproducible(context.seed):
        return _run(context)


def _run(context: Context) -> dict[str, Any]:
    identity, device = context.identity, context.job.device
    num_units = len(vocabulary(identity))
    if identity["start"]:
        network = build(identity, num_units)
        load_weights(network, context.output(identity["start"]))
    else:
        network = initial(identity, num_units)
    network.to(device)
    training = MetaTraining(
        network=network,
        tasks=[speech_set(context, name, None, i) for i, name in enumerate(identity["corpora"])],
        outer=OPTIMIZERS.make(identity["outer"]["name"], identity["outer"]["settings"]),
        budget=Budget(identity["gradients"]),
        generator=Random(context.seed),
        progress=context.progress,
        autocast=autocast(identity),
        head=identity["head"],
    )
    method = METHODS.make(identity["method"]["name"], identity["method"]["settings"])
    method.meta_train(training)
    save_weights(network, context.folder)
    save_learnt(training.learnt, context.folder)
    return {"gradients_spent": training.budget.spent, **training.facts}
