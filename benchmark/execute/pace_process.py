"""The process that measures how fast methods learn, `python -m` this module.

It reads one JSON request on standard input (`phase`, `arms`, `learning`, `rounds`, `device`,
`corpora`, `seed`) and prints one JSON line, an answer per arm: `seconds`, per utterance-gradient
and round, or the `error` that ended it with its `status`. Every round runs each arm once, in random
order; one round before them is not measured. What comes before the first gradient of a run, such
as loading texts and building a network, is not in its time. On the CPU the clock is that of the
process, which has one thread: what else runs on the machine then does not count.
"""

from __future__ import annotations

import gc
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import torch

from benchmark.errors import Diverged, Unsupported
from benchmark.execute.job import Context, Job
from benchmark.execute.learners import adaptation, meta_training
from benchmark.execute.networks import build, vocabulary
from benchmark.measure.process import read_request
from benchmark.measure.quiet import pin_threads
from benchmark.methods.learning.budget import Budget
from benchmark.registry import METHODS
from benchmark.store.identity import key


def main() -> None:
    request = read_request()
    pin_threads(threads=1)
    print(json.dumps({"arms": time_rounds(request)}))


def time_rounds(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The answer for each arm of a request."""
    arms = [
        Arm(request, identity, learning)
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


class Arm:
    """A method in meta-training or adaptation, run again and again from random weights."""

    def __init__(
        self, request: dict[str, Any], identity: dict[str, Any], learning: dict[str, Any] | None
    ) -> None:
        self.request = request
        self.context = self._context(identity)
        self.learning = self._context(learning) if learning else None
        self.learnt: dict[str, torch.Tensor] | None = None

    def seconds_per_gradient(self) -> float:
        """One run. Raises what the method raises, and Unsupported where the budget is too small."""
        gc.collect()
        identity = self.context.identity
        method = METHODS.make(identity["method"]["name"], identity["method"]["settings"])
        gpu = self.request["device"] == "cuda"
        budget = Clocked(identity["gradients"], clock=perf_counter if gpu else process_time)
        ended = 0.0

        def progress(spent: int, total: int) -> None:
            nonlocal ended
            if gpu:
                torch.cuda.synchronize()
            ended = budget.clock()

        if self.request["phase"] == "meta_train":
            method.meta_train(meta_training(self.context, self._network(), budget, progress))
        else:
            learnt = {n: torch.nn.Parameter(p.clone()) for n, p in self._learnt().items()}
            method.adapt(adaptation(self.context, self._network(), learnt, budget, progress))
        if not budget.spent:
            raise Unsupported(f"no step fits into {budget.total} utterance-gradients")
        return (ended - budget.began) / budget.spent

    def _learnt(self) -> dict[str, torch.Tensor]:
        """What a short meta-training leaves besides weights: adaptation may need it."""
        if self.learnt is None:
            self.learnt = {}
            if self.learning:
                identity = self.learning.identity
                method = METHODS.make(identity["method"]["name"], identity["method"]["settings"])
                network = self._network(self.learning)
                training = meta_training(
                    self.learning, network, Budget(identity["gradients"]), lambda *_: None
                )
                method.meta_train(training)
                self.learnt = {name: p.detach() for name, p in training.learnt.items()}
        return self.learnt

    def _network(self, context: Context | None = None) -> Any:
        context = context or self.context
        torch.manual_seed(context.seed)
        network = build(context.identity, len(vocabulary(context.identity)))
        return network.to(self.request["device"])

    def _context(self, identity: dict[str, Any]) -> Context:
        corpora = {name: Path(path) for name, path in self.request["corpora"].items()}
        device = self.request["device"]
        job = Job("pace", key(identity), identity, Path(), corpora, device)
        return Context(job, Path(), lambda *_: None)


if __name__ == "__main__":
    main()
