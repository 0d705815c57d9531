"""Shampoo: gradients whitened along each dimension of a tensor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.optimizers.base import Optimizer, SearchSpace, around

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Shampoo(Optimizer):
    """Multiplies each dimension of a gradient by an inverse root of its running covariance.

    This is the distributed form of Anil et al.: large dimensions are split into blocks, and the
    length of a tensor's step is grafted from SGD with Nesterov momentum. Roots are computed every
    `frequency` steps; steps before that are those of SGD.
    """

    paper: ClassVar[str] = (
        "Gupta et al. 2018, Shampoo: Preconditioned Stochastic Tensor Optimization; "
        "Anil et al. 2021, Scalable Second Order Optimization for Deep Learning"
    )
    search_space: ClassVar[SearchSpace] = {"lr": around(0.1), "frequency": (1, 5)}
    obstacle: ClassVar[str] = "roots of matrices have no stable derivative"

    lr: Annotated[float, Field(gt=0)] = 0.1
    beta1: Annotated[float, Field(ge=0, lt=1)] = 0.9
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.999
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    frequency: Annotated[int, Field(ge=1)] = 5

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        from pytorch_optimizer import ScalableShampoo

        return ScalableShampoo(
            parameters,
            lr=self.lr,
            betas=(self.beta1, self.beta2),
            weight_decay=self.weight_decay,
            start_preconditioning_step=self.frequency,
            preconditioning_compute_steps=self.frequency,
        )
