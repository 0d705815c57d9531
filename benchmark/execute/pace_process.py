"""The process that measures how fast methods learn, `python -m` this module.

It reads one JSON request on standard input (`arms`, `learning`, `rounds`, `device`, `corpora`,
`seed`) and prints one JSON line, an answer per arm: `seconds`, per utterance-gradient
and round, or the `error` that ended it with its `status`. Every round runs each arm once, in random
order; one round before them is not measured. What comes before the first gradient of a run, such
as loading texts and building a network, is not in its time. On the CPU the clock is that of the
process, which has one thread: what else runs on the machine then does not count.
"""

from __future__ import annotations

import gc
import json
import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import torch

from benchmark.errors import Diverged, Unsupported
from benchmark.execute.job import Context, Job, Progress
from benchmark.execute.learners import adaptation, meta_training
from benchmark.execute.networks import Networked, build
from benchmark.measure.process import read_request
from benchmark.measure.quiet import pin_threads
from benchmark.methods.learning.budget import Budget
from benchmark.models.networks.base import SpeechNetwork
from benchmark.plan.stages import Adapt, MetaTrain
from benchmark.registry import METHODS
from benchmark.store.identity import key


def main() -> None:
    request = read_request()
    pin_threads(threads=1)
    print(json.dumps({"arms": time_rounds(request)}))


def time_rounds(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The answer for each arm of a request."""
    arms = [
        arm(request, identity, learning)
        for identity, learning in zip(request["arms"], request["learning"], strict=True)
    ]
    answers: list[dict[str, Any]] = [{"seconds": []} for _ in arms]
    generator = random.Random(request["seed"])
    for round_ in range(request["rounds"] + 1):
        order = [i for i, answer in enumerate(answers) if "error" not in answer]
        generator.shuffle(order)
        for i in order:
            try:
                seconds = arms[i].seconds_per_gradient()
            except (Unsupported, Diverged) as error:
                status = "unsupported" if isinstance(error, Unsupported) else "diverged"
                answers[i] = {"error": str(error), "status": status}
                continue
            if round_:
                answers[i]["seconds"].append(seconds)
    return answers


@dataclass
class Clocked(Budget):
    """A budget that knows when its first gradient was spent."""

    clock: Callable[[], float] = process_time
    began: float = 0.0

    def spend(self, utterances: int) -> None:
        if not self.spent:
            self.began = self.clock()
        super().spend(utterances)


class Arm(ABC):
    """A method in one phase of learning, run again and again from random weights."""

    def __init__(self, stage: MetaTrain | Adapt, device: str) -> None:
        self.gradients = stage.gradients
        self.device = device

    def seconds_per_gradient(self) -> float:
        """One run. Raises what the method raises, and Unsupported where the budget is too small."""
        gc.collect()
        gpu = self.device == "cuda"
        budget = Clocked(self.gradients, clock=perf_counter if gpu else process_time)
        ended = 0.0

        def progress(spent: int, total: int) -> None:
            nonlocal ended
            if gpu:
                torch.cuda.synchronize()
            ended = budget.clock()

        self.learn(budget, progress)
        if not budget.spent:
            raise Unsupported(f"no step fits into {budget.total} utterance-gradients")
        return (ended - budget.began) / budget.spent

    @abstractmethod
    def learn(self, budget: Budget, progress: Progress) -> None:
        """Learn once, within a budget."""


class MetaTraining(Arm):
    """Meta-training by the method of a `meta_train` stage."""

    def __init__(self, context: Context[MetaTrain]) -> None:
        super().__init__(context.stage, context.job.device)
        self.context = context
        self.learnt: dict[str, torch.nn.Parameter] = {}
        """What the last run has left besides weights."""

    def learn(self, budget: Budget, progress: Progress) -> None:
        training = meta_training(self.context, _network(self.context), budget, progress)
        METHODS.rebuild(self.context.stage.method).meta_train(training)
        self.learnt = training.learnt


class Adaptation(Arm):
    """Adaptation as an `adapt` stage has it, after the meta-training of its method if any."""

    def __init__(self, context: Context[Adapt], before: MetaTraining | None) -> None:
        super().__init__(context.stage, context.job.device)
        self.context = context
        self.before = before

    def learn(self, budget: Budget, progress: Progress) -> None:
        learnt = {name: torch.nn.Parameter(p.clone()) for name, p in self._learnt.items()}
        network = _network(self.context)
        run = adaptation(self.context, network, learnt, budget, progress)
        METHODS.rebuild(self.context.stage.method).adapt(run)

    @cached_property
    def _learnt(self) -> dict[str, torch.Tensor]:
        """What a short meta-training leaves besides weights: adaptation may need it."""
        if self.before is None:
            return {}
        self.before.learn(Budget(self.before.gradients), lambda *_: None)
        return {name: p.detach() for name, p in self.before.learnt.items()}


def arm(request: dict[str, Any], identity: dict[str, Any], learning: dict[str, Any] | None) -> Arm:
    """The arm that an identity of a request stands for."""
    if identity["kind"] == MetaTrain.kind:
        return MetaTraining(_context(request, identity))
    before = MetaTraining(_context(request, learning)) if learning else None
    return Adaptation(_context(request, identity), before)


def _network(context: Context[Networked]) -> SpeechNetwork:
    torch.manual_seed(context.seed)
    network = build(context.stage, len(context.stage.vocabulary))
    return network.to(context.job.device)


def _context(request: dict[str, Any], identity: dict[str, Any]) -> Context[Any]:
    corpora = {name: Path(path) for name, path in request["corpora"].items()}
    job = Job("pace", key(identity), identity, Path(), corpora, request["device"])
    return Context(job, Path(), lambda *_: None)


if __name__ == "__main__":
    main()
