"""Stochastic gradient descent with heavy-ball momentum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.optimizers.base import Optimizer, SearchSpace, around

if TYPE_CHECKING:
    import torch

    from benchmark.optimizers.stepping.functional import Update


@dataclass(frozen=True)
class Momentum(Optimizer):
    """Gradient descent along a sum of past gradients that decays by `momentum` at each step."""

    paper: ClassVar[str] = (
        "Polyak 1964, Some methods of speeding up the convergence of iteration methods"
    )
    elementwise: ClassVar[bool] = True
    search_space: ClassVar[SearchSpace] = {"lr": around(0.03), "momentum": (0.8, 0.9, 0.95)}

    lr: Annotated[float, Field(gt=0)] = 0.1
    momentum: Annotated[float, Field(gt=0, lt=1)] = 0.9
    weight_decay: Annotated[float, Field(ge=0)] = 0.0

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        import torch

        return torch.optim.SGD(
            parameters, lr=self.lr, momentum=self.momentum, weight_decay=self.weight_decay
        )

    def differentiable(self) -> Update:
        from benchmark.optimizers.stepping.functional import momentum

        return partial(momentum, lr=self.lr, momentum=self.momentum, weight_decay=self.weight_decay)
