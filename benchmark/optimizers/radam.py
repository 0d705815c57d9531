"""RAdam: Adam with a rectified second moment."""

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
class RAdam(Optimizer):
    """Adam whose adaptive part is enabled, and scaled, once its variance is small enough.

    The first five steps are plain momentum, so a small number of steps needs a larger learning
    rate.
    """

    paper: ClassVar[str] = (
        "Liu et al. 2020, On the Variance of the Adaptive Learning Rate and Beyond"
    )
    search_space: ClassVar[SearchSpace] = {"lr": around(5e-3), "beta2": (0.98, 0.999)}

    lr: Annotated[float, Field(gt=0)] = 1e-2
    beta1: Annotated[float, Field(ge=0, lt=1)] = 0.9
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.999
    eps: Annotated[float, Field(gt=0)] = 1e-8
    weight_decay: Annotated[float, Field(ge=0)] = 0.0

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        import torch

        return torch.optim.RAdam(
            parameters,
            lr=self.lr,
            betas=(self.beta1, self.beta2),
            eps=self.eps,
            weight_decay=self.weight_decay,
        )

    def differentiable(self) -> Update:
        from benchmark.optimizers.stepping.adaptive import radam

        return partial(
            radam,
            lr=self.lr,
            betas=(self.beta1, self.beta2),
            eps=self.eps,
            weight_decay=self.weight_decay,
        )
