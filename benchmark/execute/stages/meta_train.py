"""Learn an initialisation over the training languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmark.execute.job import Context, Progress
from benchmark.execute.learners import meta_training, metered, metered_together
from benchmark.execute.networks import (
    build,
    initial,
    load_weights,
    save_learnt,
    save_weights,
)
from benchmark.methods.learning.budget import Budget
from benchmark.models.networks.base import SpeechNetwork
from benchmark.plan.stages import MetaTrain
from benchmark.registry import METHODS


def run(context: Context[MetaTrain]) -> dict[str, Any]:
    return metered(context, _run)


def run_together(contexts: Sequence[Context[MetaTrain]]) -> list[dict[str, Any] | Exception]:
    """The same for stages that learn as one stack; a stage may end with an exception."""
    return metered_together(contexts, _run)


def begin(context: Context[MetaTrain]) -> SpeechNetwork:
    """The network that meta-training starts from."""
    stage, num_units = context.stage, len(context.stage.vocabulary)
    if stage.start:
        network = build(stage, num_units)
        load_weights(network, context.output(stage.start))
    else:
        network = initial(stage, num_units)
    return network.to(context.job.device)


def _run(context: Context[MetaTrain], progress: Progress) -> dict[str, Any]:
    stage, network = context.stage, begin(context)
    training = meta_training(context, network, Budget(stage.gradients), progress)
    METHODS.rebuild(stage.method).meta_train(training)
    save_weights(network, context.folder)
    save_learnt(training.learnt, context.folder)
    return {"gradients_spent": training.budget.spent, **training.facts}
