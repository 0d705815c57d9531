"""Learn one language from its support set, from the initialisation that a method learnt."""

from __future__ import annotations

from random import Random
from typing import Any

from benchmark.compression.learning.constrained import FREE, Limits, under
from benchmark.execute.compressed import compressed_start, techniques, when
from benchmark.execute.job import Context
from benchmark.execute.networks import (
    autocast,
    build,
    initial,
    load_weights,
    read_learnt,
    reproducible,
    save_weights,
    speech_set,
    vocabulary,
)
from benchmark.methods.learning.adaptation import Adaptation
from benchmark.methods.learning.budget import Budget
from benchmark.registry import METHODS, OPTIMIZERS


def run(context: Context) -> dict[str, Any]:
    with reproducible(context.seed):
        return _run(context)


def _run(context: Context) -> dict[str, Any]:
    identity = context.identity
    num_units = len(vocabulary(identity))
    learnt, limits = {}, FREE
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
        limits = Limits(tuple(technique.during() for technique in lossy))
    network.to(context.job.device)
    adaptation = Adaptation(
        network=network,
        support=speech_set(context, identity["language"], identity["support"], 0),
        optimizer=OPTIMIZERS.make(identity["optimizer"]["name"], identity["optimizer"]["settings"]),
        budget=Budget(identity["gradients"]),
        generator=Random(context.seed),
        progress=context.progress,
        autocast=autocast(identity),
        learnt=learnt,
    )
    method = METHODS.make(identity["method"]["name"], identity["method"]["settings"])
    with under(limits, adaptation) as limited:
        method.adapt(limited)
    save_weights(network, context.folder)
    return {"gradients_spent": adaptation.budget.spent, **adaptation.facts}
