"""Muon: orthogonalised momentum of matrices."""

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
class Muon(Optimizer):
    """Steps along the orthogonal matrix nearest to the momentum; AdamW for vectors and kernels.

    Convolution kernels use AdamW, because most of them are depthwise, stacks of single filters
    without a matrix to orthogonalise. Steps are scaled to the root mean square of AdamW's (Liu et
    al. 2025, Muon is Scalable for LLM Training, section 2.2), so that one learning rate suits both.
    """

    paper: ClassVar[str] = (
        "Jordan et al. 2024, Muon: An optimizer for hidden layers in neural networks"
    )
    search_space: ClassVar[SearchSpace] = {"lr": around(1e-3), "momentum": (0.9, 0.95)}

    lr: Annotated[float, Field(gt=0)] = 2e-3
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.95
    beta1: Annotated[float, Field(ge=0, lt=1)] = 0.9
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.999
    weight_decay: Annotated[float, Field(ge=0)] = 0.01

    def build(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        import torch

        from benchmark.optimizers.stepping.combined import Combined

        every = list(parameters)
        matrices = [p for p in every if p.ndim == 2]
        others = [p for p in every if p.ndim != 2]
        parts: list[torch.optim.Optimizer] = []
        if matrices:
            parts.append(
                torch.optim.Muon(
                    matrices,
                    lr=self.lr,
                    weight_decay=self.weight_decay,
                    momentum=self.momentum,
                    adjust_lr_fn="match_rms_adamw",
                )
            )
        if others:
            parts.append(
                torch.optim.AdamW(
                    others,
                    lr=self.lr,
                    betas=(self.beta1, self.beta2),
                    weight_decay=self.weight_decay,
                    fused=True,
                )
            )
        return Combined(parts)

    def differentiable(self) -> Update:
        from benchmark.optimizers.stepping.muon import muon

        return partial(
            muon,
            lr=self.lr,
            momentum=self.momentum,
            betas=(self.beta1, self.beta2),
            weight_decay=self.weight_decay,
        )
