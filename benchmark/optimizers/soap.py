"""SOAP: Adam in the eigenbasis of Shampoo."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.optimizers.base import Optimizer, SearchSpace, around

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Soap(Optimizer):
    """Adam in the eigenbasis of Shampoo's preconditioner, updated every `frequency` steps.

    The first step only initialises the preconditioner and changes no weight. The state is large:
    two square matrices and their bases per matrix.
    """

    paper: ClassVar[str] = "Vyas et al. 2024, SOAP: Improving and Stabilizing Shampoo using Adam"
    search_space: ClassVar[SearchSpace] = {"lr": around(2e-3), "frequency": (1, 10)}
    obstacle: ClassVar[str] = "eigenvectors have no stable derivative"

    lr: Annotated[float, Field(gt=0)] = 3e-3
    beta1: Annotated[float, Field(ge=0, lt=1)] = 0.95
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.95
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    frequency: Annotated[int, Field(ge=1)] = 10

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        from pytorch_optimizer import SOAP

        return SOAP(
            parameters,
            lr=self.lr,
            betas=(self.beta1, self.beta2),
            weight_decay=self.weight_decay,
            precondition_frequency=self.frequency,
        )
