"""Pruning during training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import torch
from torch import Tensor

from benchmark.compression.constraints.constraint import Constraint

Scope = Literal["global", "layer"]

LAST = 0.75
"""Pruning ends after this share of the training; the rest trains the remaining weights."""


class Masks(Constraint):
    """Weights outside their mask are zero and not trained; masks have a bool for each value."""

    def __init__(self, masks: Mapping[str, Tensor]) -> None:
        self.masks = dict(masks)

    def begin_step(self, weights: Mapping[str, Tensor], done: float) -> None:
        for name, mask in self.masks.items():
            self.masks[name] = mask.to(weights[name].device)

    def effective_values(self, name: str, values: Tensor) -> Tensor:
        # A product would make negative zeros, which cost space in a file.
        return values.where(self.masks[name], 0.0) if name in self.masks else values

    def final_values(self, name: str, values: Tensor) -> Tensor:
        return self.effective_values(name, values)


class GradualPruning(Masks):
    """Gradual magnitude pruning up to `percent`, counted over all matrices or within each.

    Until three quarters of the training are done, each step prunes anew by the current magnitudes.
    """

    gradual: ClassVar[bool] = True

    def __init__(self, percent: float, scope: Scope = "global") -> None:
        super().__init__({})
        self.percent = percent
        self.scope: Scope = scope
        self._finished = False

    def begin_step(self, weights: Mapping[str, Tensor], done: float) -> None:
        if self._finished:
            return
        magnitudes = {name: w.abs() for name, w in weights.items() if w.dim() >= 2}
        self.masks = keep_highest(magnitudes, cubic(self.percent, done / LAST), self.scope)
        self._finished = done >= LAST


def cubic(final: float, done: float) -> float:
    """Percent to prune when the fraction `done` of the schedule from 0 to `final` has passed.

    Zhu and Gupta 2017, arXiv 1710.01878, equation 1: fast at first, while many weights are
    redundant.
    """
    return final * (1 - (1 - min(done, 1.0)) ** 3)


def keep_highest(scores: Mapping[str, Tensor], percent: float, scope: Scope) -> dict[str, Tensor]:
    """Masks that keep all but the `percent` of values with the lowest scores, over all tensors or
    within each (`scope`)."""
    sets = [[name] for name in scores] if scope == "layer" else [list(scores)]
    masks: dict[str, Tensor] = {}
    for names in filter(None, sets):
        flat = torch.cat([scores[name].flatten() for name in names])
        kept = torch.ones(len(flat), dtype=torch.bool, device=flat.device)
        # Quantised weights have many equal magnitudes: a threshold would prune far too many.
        kept[flat.argsort(stable=True)[: round(len(flat) * percent / 100)]] = False
        parts = torch.split(kept, [scores[name].numel() for name in names])
        masks |= {n: part.view(scores[n].shape) for n, part in zip(names, parts, strict=True)}
    return masks
