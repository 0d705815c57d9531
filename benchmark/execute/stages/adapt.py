"""Learn one language from its support set, from the initialisation that a method learnt."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

from benchmark.compression.constraints.constrained import (
    UNCONSTRAINED,
    WeightConstraints,
    constrained,
)
from benchmark.execute.compressed import compressed_start, techniques, when
from benchmark.execute.job import Context, Progress
from benchmark.execute.learners import adaptation, metered
from benchmark.execute.networks import (
    build,
    initial,
    load_weights,
    read_learnt,
    save_weights,
    vocabulary,
)
from benchmark.execute.snapshots import keeper
from benchmark.methods.learning.budget import Budget
from benchmark.models.networks.base import SpeechNetwork
from benchmark.registry import METHODS


def run(context: Context) -> dict[str, Any]:
    return metered(context, partial(_run, context))


def begin(
    context: Context,
) -> tuple[SpeechNetwork, dict[str, torch.nn.Parameter], WeightConstraints]:
    """The network that adaptation starts from, what was learnt besides, and what limits it."""
    identity = context.identity
    num_units = len(vocabulary(identity))
    learnt: dict[str, torch.nn.Parameter] = {}
    limits = UNCONSTRAINED
    if identity["start"]:
        start = context.output(identity["start"])
        if when(identity) == "before":
            network, limits = compressed_start(start)
        else:
            network = build(identity, identity["start_units"])
            load_weights(network, start)
        learnt = read_learnt(start, context.job.device)
        if identity["head"]["head"] == "fresh":
            network.fresh_head(num_units, identity["head"]["rows"])
        else:
            network.grow(num_units)
    else:
        network = initial(identity, num_units)
    if when(identity) == "during":
        lossy = (technique for technique in techniques(identity) if technique.step != "code")
        limits = WeightConstraints(tuple(technique.during() for technique in lossy))
    return network.to(context.job.device), learnt, limits


def _run(context: Context, progress: Progress) -> dict[str, Any]:
    identity = context.identity
    network, learnt, limits = begin(context)
    run = adaptation(context, network, learnt, Budget(identity["gradients"]), progress)
    if "snapshots" in identity:
        run.keep_at, run.keep = identity["snapshots"], keeper(context.folder)
    method = METHODS.make(identity["method"]["name"], identity["method"]["settings"])
    with constrained(limits, run) as limited:
        method.adapt(limited)
    save_weights(network, context.folder)
    return {
        "gradients_spent": limited.budget.spent,
        "steps": limited.step,
        **limited.facts,
    }
