"""Sophia: momentum divided by the curvature of each weight, clipped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.optimizers.base import Optimizer, SearchSpace, around

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Sophia(Optimizer):
    """A Newton step per weight, on momentum, clipped to the learning rate.

    Every `period` steps the diagonal of the Hessian is estimated on the current batch (Hutchinson).
    This takes a second backward pass, which adds to the time of adaptation but not to the budget,
    since no further utterance is processed. `gamma` scales the curvature: the smaller it is, the
    more weights move by the full learning rate.
    """

    paper: ClassVar[str] = (
        "Liu et al. 2024, Sophia: A Scalable Stochastic Second-order Optimizer, algorithm 3"
    )
    search_space: ClassVar[SearchSpace] = {"lr": around(1e-3), "gamma": (0.01, 0.1)}
    obstacle: ClassVar[str] = "its curvature would need the third derivative of the loss"

    lr: Annotated[float, Field(gt=0)] = 1e-3
    beta1: Annotated[float, Field(ge=0, lt=1)] = 0.96
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.99
    gamma: Annotated[float, Field(gt=0)] = 0.01
    period: Annotated[int, Field(ge=1)] = 10
    weight_decay: Annotated[float, Field(ge=0)] = 0.0

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        from pytorch_optimizer import SophiaH

        # The library clips m / h to gamma and multiplies by its learning rate; the paper clips
        # m / (gamma h) to 1.
        return SophiaH(
            parameters,
            lr=self.lr / self.gamma,
            betas=(self.beta1, self.beta2),
            weight_decay=self.weight_decay * self.gamma,
            p=self.gamma,
            update_period=self.period,
        )

    def wants_curvature(self, step: int) -> bool:
        return step % self.period == 0
