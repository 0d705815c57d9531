"""Which stages can be performed as one stack."""

from __future__ import annotations

import json
from collections.abc import Hashable

from benchmark.methods.base import Method
from benchmark.optimizers.base import Optimizer
from benchmark.plan.stages import Adapt, Evaluate, MetaTrain, Stage
from benchmark.plan.stages.base import Member
from benchmark.registry import METHODS, OPTIMIZERS
from benchmark.store.identity import fields_of

NUMBERS = frozenset({"lr", "beta1", "beta2", "beta3", "eps", "weight_decay"})
"""Settings of an optimizer that each learner of a stack has its own value of."""


def structure(stage: Stage) -> Hashable | None:
    """What stages must have in common to be performed as one stack; None for one that runs alone.

    Artefacts that transcribe one test set need not be alike: those that are share a pass.
    """
    if isinstance(stage, MetaTrain) and _stackable(stage.outer):
        shared: dict[str, object] = {
            "method": stage.method,
            "outer": _rule(stage.outer),
            "continues": stage.start is not None,
        }
    elif isinstance(stage, Adapt) and _stackable(stage.optimizer) and stage.compression is None:
        method: Method = METHODS.rebuild(stage.method)
        batch = method.batch_size
        shared = {
            # Methods that adapt as the base class does differ in where they begin.
            "method": batch if type(method).adapt is Method.adapt else stage.method,
            "optimizer": _rule(stage.optimizer),
            "full": OPTIMIZERS.rebuild(stage.optimizer).full_batch and len(stage.support),
            "batch": min(batch, len(stage.support)),
            "snapshots": stage.snapshots,
        }
    elif isinstance(stage, Evaluate) and stage.runtime is None:
        return stage.kind, stage.language, stage.corpus
    else:
        return None
    shared |= {
        "model": stage.model,
        "units": len(stage.vocabulary),
        "gradients": stage.gradients,
        "head": stage.head,
        "features": stage.features,
        "augmentation": stage.augmentation,
        "precision": stage.precision,
    }
    return stage.kind, json.dumps(shared, sort_keys=True, default=fields_of)


def _stackable(optimizer: Member) -> bool:
    """Whether an optimizer looks at nothing but the gradient of each step."""
    rule = OPTIMIZERS.rebuild(optimizer)
    return not rule.line_search and type(rule).wants_curvature is Optimizer.wants_curvature


def _rule(optimizer: Member) -> Member:
    """An optimizer without the numbers that learners of one stack may differ in."""
    settings = {k: v for k, v in optimizer["settings"].items() if k not in NUMBERS}
    return {**optimizer, "settings": settings}
