"""Adadelta: steps in units of the weights themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.optimizers.base import Optimizer, SearchSpace, around

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Adadelta(Optimizer):
    """Scales the gradient by the ratio of the running RMS of past steps and past gradients."""

    paper: ClassVar[str] = "Zeiler 2012, ADADELTA: An Adaptive Learning Rate Method"
    search_space: ClassVar[SearchSpace] = {"lr": around(1.0), "eps": (1e-7, 1e-6, 1e-5)}

    lr: Annotated[float, Field(gt=0)] = 2.0
    rho: Annotated[float, Field(ge=0, lt=1)] = 0.9
    eps: Annotated[float, Field(gt=0)] = 1e-6
    weight_decay: Annotated[float, Field(ge=0)] = 0.0

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        import torch

        return torch.optim.Adadelta(
            parameters, lr=self.lr, rho=self.rho, eps=self.eps, weight_decay=self.weight_decay
        )
