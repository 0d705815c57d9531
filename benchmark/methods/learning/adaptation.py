"""Adaptation to one language from its support set."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from functools import partial

from torch import Tensor

from benchmark.data.task import Task
from benchmark.methods.learning.attachment import merged
from benchmark.methods.learning.learner import Learner
from benchmark.methods.learning.line_search import minimise
from benchmark.optimizers.base import Optimizer


@dataclass(kw_only=True)
class Adaptation(Learner):
    """A network to adapt, the support set of its language, and the optimizer of adaptation.

    `facts` holds results other than the weights: `optimizer_state_bytes` and
    `optimizer_step_seconds`, the mean time of an update without the gradient.

    keep      called at each step in `keep_at` with the weights that would be evaluated if it were
              the last step; step 0 is before the first, and the last step itself is left out
    conclude  maps the learnt weights to the final ones, for a method that does more at the end
              than merging its attachments
    """

    support: Task
    optimizer: Optimizer
    keep_at: Collection[int] = ()
    keep: Callable[[int, Mapping[str, Tensor]], None] = lambda step, weights: None
    conclude: Callable[[dict[str, Tensor]], dict[str, Tensor]] = lambda weights: weights

    @property
    def rule(self) -> Optimizer:
        return self.optimizer

    @property
    def shared(self) -> Hashable:
        return tuple(self.keep_at)

    @property
    def keeps(self) -> bool:
        """Whether the weights of this step are to be kept."""
        return self.step in self.keep_at

    def snapshot(self) -> None:
        """Keep the current weights if this step is to be kept; training is unaffected."""
        if self.keeps:
            self.keep(self.step, self.conclude(merged(self.network)))


def fine_tune(adaptation: Adaptation, batch_size: int) -> None:
    """Train all parameters on the support set, in place, until the whole budget is spent.

    A step takes `batch_size` utterances or, for an optimizer with `full_batch`, the whole support
    set (gradients are summed over parts of `batch_size` to limit memory). The last step takes the
    remaining budget. An optimizer with a `line_search` spends the budget on the points that it
    evaluates. Raises Diverged, and Unsupported if the budget is too small for the optimizer.
    """
    if adaptation.optimizer.line_search:
        minimise(adaptation, batch_size)
        return
    chunk = min(batch_size, len(adaptation.support))
    full = len(adaptation.support) if adaptation.optimizer.full_batch else chunk
    adaptation.learn(partial(_fine_tune, chunk=chunk, full=full), alike=(chunk, full))


def _fine_tune(adaptation: Adaptation, chunk: int, full: int) -> None:
    network, budget, support = adaptation.network, adaptation.budget, adaptation.support
    network.train()
    stepper = adaptation.stepper(adaptation.parameters(), budget.steps(full))

    def accumulate(size: int) -> None:
        for start in range(0, size, chunk):
            batch = support.batch(min(chunk, size - start))
            stepper.backward(adaptation.loss(batch) * (len(batch) / size))

    adaptation.snapshot()
    while budget.left:
        size = min(full, budget.left)
        adaptation.advance(stepper, partial(accumulate, size), alike=size)
        if budget.left and adaptation.keeps:
            with stepper.evaluation_weights():
                adaptation.snapshot()
    adaptation.facts |= stepper.cost()
