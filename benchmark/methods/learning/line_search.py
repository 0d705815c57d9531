"""Minimising the loss of a support set with a line-search optimizer."""

from __future__ import annotations

from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from benchmark.errors import Unsupported
from benchmark.optimizers.stepping.cost import cost

if TYPE_CHECKING:
    from benchmark.methods.learning.adaptation import Adaptation


class _BudgetSpent(Exception):
    """Interrupts the optimizer during a line search."""


def minimise(adaptation: Adaptation, batch_size: int) -> None:
    """Minimise the loss of the whole support set, in place, until convergence or the end of the
    budget.

    Every evaluation is a pass over the support set, in parts of `batch_size`, and counts as one
    step. A remainder too small for another evaluation is not spent. The final weights are those
    with the lowest loss evaluated, because the budget may run out during a line search. Raises
    Diverged, and Unsupported if the budget does not cover one evaluation.
    """
    budget, size = adaptation.budget, len(adaptation.support)
    if budget.left < size:
        raise Unsupported(
            f"{type(adaptation.optimizer).__name__} takes the gradient of all {size} utterances "
            f"of the support set at once; the budget is {budget.left}"
        )
    adaptation.network.train()
    adaptation.snapshot()
    optimizer = adaptation.optimizer.build(adaptation.parameters().values())
    for group in optimizer.param_groups:
        group["max_iter"] = group["max_eval"] = budget.left // size
    objective = _Objective(adaptation, batch_size)
    start = perf_counter()
    with suppress(_BudgetSpent):
        optimizer.step(objective)
    searching = perf_counter() - start - objective.seconds
    objective.restore_best()
    optimizer.zero_grad()
    adaptation.facts |= cost(optimizer, searching / objective.evaluations)


class _Objective:
    """The loss of the support set with its gradient, and the best point evaluated so far."""

    def __init__(self, adaptation: Adaptation, batch_size: int) -> None:
        self.adaptation = adaptation
        self.parameters = list(adaptation.parameters().values())
        self.chunk = min(batch_size, len(adaptation.support))
        self.evaluations = 0
        self.seconds = 0.0
        self._lowest = float("inf")
        self._best: list[Tensor] = []

    def __call__(self) -> float:
        size = len(self.adaptation.support)
        if self.adaptation.budget.left < size:
            raise _BudgetSpent
        start = perf_counter()
        for parameter in self.parameters:
            parameter.grad = None
        loss = 0.0
        for first in range(0, size, self.chunk):
            batch = self.adaptation.support.batch(min(self.chunk, size - first))
            part = self.adaptation.loss(batch) * (len(batch) / size)
            torch.autograd.backward(part)
            loss += part.item()
        if loss < self._lowest:
            self._lowest, self._best = loss, [p.detach().clone() for p in self.parameters]
        self.evaluations += 1
        self.adaptation.finish_step()
        if self.adaptation.keeps:
            self._snapshot()
        self.seconds += perf_counter() - start
        return loss

    def _snapshot(self) -> None:
        """Keep the best point so far, at which an interrupted search ends."""
        tried = [p.detach().clone() for p in self.parameters]
        self.restore_best()
        self.adaptation.snapshot()
        self._move(tried)

    def restore_best(self) -> None:
        self._move(self._best)

    @torch.no_grad()
    def _move(self, to: list[Tensor]) -> None:
        for parameter, value in zip(self.parameters, to, strict=True):
            parameter.copy_(value)
