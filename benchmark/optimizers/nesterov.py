"""Stochastic gradient descent with Nesterov momentum."""

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
class Nesterov(Optimizer):
    """Nesterov momentum: the step is the gradient plus the decayed sum of past gradients."""

    paper: ClassVar[str] = (
        "Sutskever et al. 2013, On the importance of initialization and momentum in deep learning"
    )
    elementwise: ClassVar[bool] = True
    search_space: ClassVar[SearchSpace] = {"lr": around(0.03), "momentum": (0.8, 0.9, 0.95)}

    lr: Annotated[float, Field(gt=0)] = 0.1
    momentum: Annotated[float, Field(gt=0, lt=1)] = 0.9
    weight_decay: Annotated[float, Field(ge=0)] = 0.0

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        import torch

        return torch.optim.SGD(
            parameters,
            lr=self.lr,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
            nesterov=True,
        )

    def differentiable(self) -> Update:
        from benchmark.optimizers.stepping.functional import nesterov

        return partial(nesterov, lr=self.lr, momentum=self.momentum, weight_decay=self.weight_decay)
