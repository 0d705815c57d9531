"""What the stages that learn hand to a method, from an identity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from statistics import fmean
from typing import Any, TypeVar

import torch

from benchmark.data.speech import SpeechSet
from benchmark.execute.job import Context, Progress
from benchmark.execute.networks import autocast, reproducible, speech_set
from benchmark.measure.flops import FlopMeter
from benchmark.measure.memory import PeakMemory
from benchmark.measure.rounds import Rounds
from benchmark.methods.learning.adaptation import Adaptation
from benchmark.methods.learning.budget import Budget
from benchmark.methods.learning.lockstep import Lockstep
from benchmark.methods.learning.training import MetaTraining
from benchmark.models.networks.base import SpeechNetwork
from benchmark.plan.stages import Adapt, MetaTrain
from benchmark.registry import OPTIMIZERS

L = TypeVar("L", MetaTrain, Adapt)


def metered(
    context: Context[L], learn: Callable[[Context[L], Progress], dict[str, Any]]
) -> dict[str, Any]:
    """The facts of a stage that learns, with what it took; `learn` is given whom to tell of steps.

    All randomness follows from the seed of the stage.
    """
    with (
        reproducible(context.seed, context.stage.precision),
        PeakMemory(context.job.device) as memory,
        FlopMeter(context.progress) as flops,
    ):
        facts = learn(context, flops.progress)
    return {**facts, "flops": flops.total, "peak_memory_bytes": memory.num_bytes}


def metered_together(
    contexts: Sequence[Context[L]], learn: Callable[[Context[L], Progress], dict[str, Any]]
) -> list[dict[str, Any] | Exception]:
    """What `metered` gives for each of several stages that learn as one stack, or what ended it.

    What all took together is shared equally. Raises Unstackable as `Lockstep.run` does.
    """

    def task(context: Context[L], progress: Progress) -> dict[str, Any]:
        with reproducible(context.seed, context.stage.precision):
            return learn(context, progress)

    size = len(contexts)
    with (
        # The settings of torch are those of the process: they last until all have ended.
        reproducible(contexts[0].seed, contexts[0].stage.precision),
        PeakMemory(contexts[0].job.device) as memory,
        FlopMeter(lambda spent, total: None) as flops,
    ):
        rounds = Rounds(flops)
        ended = Lockstep().run(
            [partial(task, context, rounds.learner(context.progress)) for context in contexts]
        )
        rounds.settle()
    peak = None if memory.num_bytes is None else memory.num_bytes // size
    took = {"flops": flops.total // size, "peak_memory_bytes": peak}
    return [end if isinstance(end, Exception) else {**end, **took} for end in ended]


def keep_fitting(tasks: Sequence[SpeechSet], network: SpeechNetwork) -> dict[str, Any]:
    """Leave out utterances whose text does not fit the frames of `network`.

    Returns what the facts of a stage say of it: `unfit`, language -> [left out, of], and nothing
    where all fit. Raises DataError for a language of which nothing fits.
    """
    sizes = {task.language: len(task) for task in tasks}
    unfit = {task.language: task.keep_fitting(network.output_frames) for task in tasks}
    lost = {language: [count, sizes[language]] for language, count in unfit.items() if count}
    return {"unfit": lost} if lost else {}


def _said_of(tasks: Sequence[SpeechSet], network: SpeechNetwork) -> dict[str, Any]:
    """What the facts of a stage say of the speech that it learns from; see `keep_fitting`."""
    unfit = keep_fitting(tasks, network)
    return {**unfit, "utterance_seconds": fmean(task.mean_seconds for task in tasks)}


def meta_training(
    context: Context[MetaTrain], network: SpeechNetwork, budget: Budget, progress: Progress
) -> MetaTraining:
    """Meta-training of `network` as a `meta_train` stage has it."""
    stage = context.stage
    tasks = [
        speech_set(context, name, None, i, stage.augmentation)
        for i, name in enumerate(stage.corpora)
    ]
    return MetaTraining(
        network=network,
        facts=_said_of(tasks, network),
        tasks=tasks,
        outer=OPTIMIZERS.rebuild(stage.outer),
        budget=budget,
        generator=Random(context.seed),
        progress=progress,
        autocast=autocast(stage.precision),
        head=stage.head,
    )


def adaptation(
    context: Context[Adapt],
    network: SpeechNetwork,
    learnt: dict[str, torch.nn.Parameter],
    budget: Budget,
    progress: Progress,
) -> Adaptation:
    """Adaptation of `network` as an `adapt` stage has it; `learnt` is what meta-training left."""
    stage = context.stage
    support = speech_set(context, stage.language, stage.support, 0, stage.augmentation)
    return Adaptation(
        network=network,
        facts=_said_of([support], network),
        support=support,
        optimizer=OPTIMIZERS.rebuild(stage.optimizer),
        budget=budget,
        generator=Random(context.seed),
        progress=progress,
        autocast=autocast(stage.precision),
        learnt=learnt,
    )
