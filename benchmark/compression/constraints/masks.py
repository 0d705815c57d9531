"""Zeros in the course of learning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import torch
from torch import Tensor

from benchmark.compression.constraints.constraint import Constraint

Scope = Literal["global", "layer"]

LAST = 0.75
"""The share of learning after which no more is pruned: the rest of it goes to what is left."""


class Masks(Constraint):
    """Weights outside their mask are zero and learn nothing; `masks` has a bool for each value."""

    def __init__(self, masks: Mapping[str, Tensor]) -> None:
        self.masks = dict(masks)

    def begin_step(self, weights: Mapping[str, Tensor], done: float) -> None:
        for name, mask in self.masks.items():
            self.masks[name] = mask.to(weights[name].device)

    def seen(self, name: str, values: Tensor) -> Tensor:
        # Not a product: it would leave negative zeros, which a file has to keep.
        return values.where(self.masks[name], 0.0) if name in self.masks else values

    def left(self, name: str, values: Tensor) -> Tensor:
        return self.seen(name, values)


class GradualPruning(Masks):
    """Gradual pruning by magnitude, up to `percent` of the weights of all matrices or of each.

    Each step prunes anew, by the magnitudes that the weights have by then, until three quarters of
    learning are done.
    """

    gradual: ClassVar[bool] = True

    def __init__(self, percent: float, scope: Scope = "global") -> None:
        super().__init__({})
        self.percent = percent
        self.scope: Scope = scope
        self._settled = False

    def begin_step(self, weights: Mapping[str, Tensor], done: float) -> None:
        if self._settled:
            return
        magnitudes = {name: w.abs() for name, w in weights.items() if w.dim() >= 2}
        self.masks = highest(magnitudes, cubic(self.percent, done / LAST), self.scope)
        self._settled = done >= LAST


def cubic(final: float, done: float) -> float:
    """Percent to prune when `done` of the way to `final` lies behind, from 0 on.

    Zhu and Gupta 2017, arXiv 1710.01878, equation 1: fast at first, while much is superfluous.
    """
    return final * (1 - (1 - min(done, 1.0)) ** 3)


def highest(scores: Mapping[str, Tensor], percent: float, scope: Scope) -> dict[str, Tensor]:
    """Which values stay when the `percent` with the lowest scores go, of all or of each tensor."""
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
