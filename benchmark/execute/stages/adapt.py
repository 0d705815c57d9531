"""Learn one language from its support set, from the initialisation that a method learnt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from benchmark.compression.constraints.constrained import (
    UNCONSTRAINED,
    WeightConstraints,
    constrained,
)
from benchmark.execute.compressed import compressed_start, techniques, when
from benchmark.execute.job import Context, Progress
from benchmark.execute.learners import adaptation, metered, metered_together
from benchmark.execute.networks import (
    build,
    initial,
    load_weights,
    read_learnt,
    save_weights,
)
from benchmark.execute.snapshots import keeper
from benchmark.methods.learning.budget import Budget
from benchmark.models.networks.base import SpeechNetwork
from benchmark.plan.stages import Adapt
from benchmark.registry import METHODS


def run(context: Context[Adapt]) -> dict[str, Any]:
    return metered(context, _run)


def run_together(contexts: Sequence[Context[Adapt]]) -> list[dict[str, Any] | Exception]:
    """The same for stages that learn as one stack; a stage may end with an exception."""
    return metered_together(contexts, _run)


def begin(
    context: Context[Adapt],
) -> tuple[SpeechNetwork, dict[str, torch.nn.Parameter], WeightConstraints]:
    """The network that adaptation starts from, what was learnt besides, and what limits it."""
    stage, num_units = context.stage, len(context.stage.vocabulary)
    learnt: dict[str, torch.nn.Parameter] = {}
    limits = UNCONSTRAINED
    if stage.start:
        assert stage.start_units is not None, "an initialisation has its number of units"
        start = context.output(stage.start)
        if when(stage.compression) == "before":
            network, limits = compressed_start(start)
        else:
            network = build(stage, stage.start_units)
            load_weights(network, start)
        learnt = read_learnt(start, context.job.device)
        if stage.head.rows is not None:
            network.fresh_head(num_units, stage.head.rows)
        else:
            network.grow(num_units)
    else:
        network = initial(stage, num_units)
    if stage.compression and when(stage.compression) == "during":
        lossy = (t for t in techniques(stage.compression) if t.step != "code")
        limits = WeightConstraints(tuple(technique.during() for technique in lossy))
    return network.to(context.job.device), learnt, limits


def _run(context: Context[Adapt], progress: Progress) -> dict[str, Any]:
    stage = context.stage
    network, learnt, limits = begin(context)
    run = adaptation(context, network, learnt, Budget(stage.gradients), progress)
    if stage.snapshots:
        run.keep_at, run.keep = stage.snapshots, keeper(context.folder)
    with constrained(limits, run) as limited:
        METHODS.rebuild(stage.method).adapt(limited)
    save_weights(network, context.folder)
    return {
        "gradients_spent": limited.budget.spent,
        "steps": limited.step,
        **limited.facts,
    }
