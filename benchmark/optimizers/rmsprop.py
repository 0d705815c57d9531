"""RMSprop: steps scaled by a running mean of the squared gradient."""

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
class RmsProp(Optimizer):
    """Divides the gradient by the root of a running mean of its square, initially zero."""

    paper: ClassVar[str] = (
        "Tieleman and Hinton 2012, Neural Networks for Machine Learning, lecture 6.5"
    )
    elementwise: ClassVar[bool] = True
    search_space: ClassVar[SearchSpace] = {"lr": around(5e-4), "alpha": (0.9, 0.99)}

    lr: Annotated[float, Field(gt=0)] = 1e-3
    alpha: Annotated[float, Field(ge=0, lt=1)] = 0.99
    eps: Annotated[float, Field(gt=0)] = 1e-8
    weight_decay: Annotated[float, Field(ge=0)] = 0.0

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        import torch

        return torch.optim.RMSprop(
            parameters, lr=self.lr, alpha=self.alpha, eps=self.eps, weight_decay=self.weight_decay
        )

    def differentiable(self) -> Update:
        from benchmark.optimizers.stepping.adaptive import rmsprop

        return partial(
            rmsprop, lr=self.lr, alpha=self.alpha, eps=self.eps, weight_decay=self.weight_decay
        )
