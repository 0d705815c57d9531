"""Lion: the sign of an interpolated momentum."""

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
class Lion(Optimizer):
    """The step is the sign of the momentum: every weight moves by exactly the learning rate."""

    paper: ClassVar[str] = "Chen et al. 2023, Symbolic Discovery of Optimization Algorithms"
    elementwise: ClassVar[bool] = True
    search_space: ClassVar[SearchSpace] = {"lr": around(3e-4), "weight_decay": (0.0, 0.1)}

    lr: Annotated[float, Field(gt=0)] = 5e-4
    beta1: Annotated[float, Field(ge=0, lt=1)] = 0.9
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.99
    weight_decay: Annotated[float, Field(ge=0)] = 0.0

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        import pytorch_optimizer

        return pytorch_optimizer.Lion(
            parameters, lr=self.lr, betas=(self.beta1, self.beta2), weight_decay=self.weight_decay
        )

    def differentiable(self) -> Update:
        from benchmark.optimizers.stepping.adaptive import lion

        return partial(
            lion, lr=self.lr, betas=(self.beta1, self.beta2), weight_decay=self.weight_decay
        )
