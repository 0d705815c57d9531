"""What the stages of a trial run show: whether anything was learnt or heard at all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from benchmark.data.batch import Batch
from benchmark.data.task import Task
from benchmark.execute.job import Context, Job
from benchmark.execute.learners import adaptation, meta_training
from benchmark.execute.networks import load_weights, reproducible
from benchmark.execute.stages import adapt, meta_train
from benchmark.methods.learning.budget import Budget
from benchmark.models.networks.base import SpeechNetwork
from benchmark.plan.graph import PlannedStage
from benchmark.session.outcome import Outcome


@dataclass(frozen=True)
class Learning:
    """One stage of learning, by the mean loss on what it learns from; NaN where that is no number.

    `spent` and `budget` are utterance-gradients.
    """

    spent: int
    budget: int
    before: float
    after: float

    @property
    def lowers(self) -> bool:
        """Whether the loss is lower after it."""
        return self.after < self.before

    def __str__(self) -> str:
        return (
            f"{self.spent} of {self.budget} utterance-gradients,"
            f" loss {_shown(self.before)} before and {_shown(self.after)} after"
        )


def learning(outcome: Outcome, stage: PlannedStage) -> Learning:
    """What a finished `meta_train` or `adapt` stage learnt."""
    context = _context(outcome, stage)
    with reproducible(context.seed):
        network, tasks = _begin(context)
        batches = [task.batch(len(task)) for task in tasks]
        before = _loss(network, batches)
        load_weights(network, context.folder)
        after = _loss(network, batches)
    spent = outcome.found.records[stage.key].facts["gradients_spent"]
    return Learning(spent, context.stage.gradients, before, after)


def listens(outcome: Outcome, stage: PlannedStage) -> bool:
    """Whether the scores of the model of an `adapt` stage depend on what it is given to hear."""
    context = _context(outcome, stage)
    with reproducible(context.seed), torch.no_grad():
        network, tasks = _begin(context)
        load_weights(network, context.folder)
        network.eval()
        batch = tasks[0].batch(len(tasks[0]))
        noise = torch.randn_like(batch.features)
        heard = network.scores(batch).frames
        other = network.scores(replace(batch, features=noise)).frames
    return not torch.allclose(heard, other, atol=1e-6)


def _context(outcome: Outcome, stage: PlannedStage) -> Context[Any]:
    store = outcome.folder / "stages"
    languages = outcome.plan.speech.languages
    known = {name: languages[name].prepared for name in stage.languages}
    corpora = {name: prepared.path for name, prepared in known.items() if prepared}
    job = Job(stage.kind, stage.key, stage.identity, store, corpora, "cpu")
    return Context(job, store / stage.key, lambda done, total: None)


def _begin(context: Context[Any]) -> tuple[SpeechNetwork, Sequence[Task]]:
    """The network as the stage found it, and the speech that it was to learn."""
    none = Budget(0)
    if context.job.kind == "meta_train":
        network = meta_train.begin(context)
        return network, meta_training(context, network, none, context.progress).tasks
    network, learnt, _ = adapt.begin(context)
    return network, [adaptation(context, network, learnt, none, context.progress).support]


@torch.no_grad()
def _loss(network: SpeechNetwork, batches: Sequence[Batch]) -> float:
    network.eval()
    losses = [float(network.loss(batch)) * len(batch) for batch in batches]
    return sum(losses) / sum(map(len, batches))


def _shown(loss: float) -> str:
    return f"{loss:.4g}" if math.isfinite(loss) else "not a number"
