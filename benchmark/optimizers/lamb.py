"""LAMB: Adam with steps proportional to the norm of each tensor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.optimizers.base import Optimizer, SearchSpace, around

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Lamb(Optimizer):
    """Adam without bias correction, with steps scaled to the norm of each tensor."""

    paper: ClassVar[str] = (
        "You et al. 2020, Large Batch Optimization for Deep Learning: Training BERT in 76 Minutes"
    )
    search_space: ClassVar[SearchSpace] = {"lr": around(5e-3), "beta2": (0.98, 0.999)}

    lr: Annotated[float, Field(gt=0)] = 3e-3
    beta1: Annotated[float, Field(ge=0, lt=1)] = 0.9
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.999
    eps: Annotated[float, Field(gt=0)] = 1e-6
    weight_decay: Annotated[float, Field(ge=0)] = 0.0

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        import pytorch_optimizer

        # Without `adam_debias` the library corrects the step for the bias of the first moment
        # after the trust ratio has set its length: ten times the learning rate at first.
        return pytorch_optimizer.Lamb(
            parameters,
            lr=self.lr,
            betas=(self.beta1, self.beta2),
            eps=self.eps,
            weight_decay=self.weight_decay,
            adam_debias=True,
        )
