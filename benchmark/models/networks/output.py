"""Output layers that can be extended to new units."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

Rows = Literal["random", "mean", "dealt"]
"""How the rows of a fresh head are initialised; see `reinitialise_rows`."""

SPREAD = 0.02
"""Standard deviation of random rows."""


def grow_rows(layer: nn.Linear, num_rows: int, first_unit: int = 0) -> None:
    """Give `layer` `num_rows` outputs, in place; a new row is the mean of the unit rows.

    Rows before `first_unit` are not units. Raises ValueError if there would be fewer rows.
    """
    new = num_rows - layer.out_features
    if new < 0:
        raise ValueError(f"an output of {layer.out_features} rows cannot shrink to {num_rows}")
    if new == 0:
        return
    for name, old in list(layer.named_parameters()):
        mean = old[first_unit:].mean(0, keepdim=True)
        _replace(layer, name, torch.cat([old, mean.expand(new, *mean.shape[1:])]))


def reinitialise_rows(layer: nn.Linear, num_rows: int, first_unit: int, rows: Rows) -> None:
    """Give `layer` `num_rows` outputs, in place; only rows before `first_unit` are kept.

    random  small normal weights and zero bias
    mean    all rows are the mean of the previous unit rows (Ye and Chao, ICLR 2022)
    dealt   the previous unit rows in random order, repeated if there are too few; methods that
            draw a new token map per episode have learnt to start from this

    Random numbers come from torch's global generator.
    """
    new, previous = num_rows - first_unit, layer.out_features - first_unit
    order = torch.cat([torch.randperm(previous) for _ in range(-(-new // previous))])
    for name, old in list(layer.named_parameters()):
        units = old[first_unit:]
        if rows == "mean":
            fresh = units.mean(0, keepdim=True).expand(new, *units.shape[1:])
        elif rows == "dealt":
            fresh = units[order[:new].to(units.device)]
        else:
            scale = SPREAD if name == "weight" else 0.0
            fresh = (scale * torch.randn(new, *units.shape[1:])).to(units)
        _replace(layer, name, torch.cat([old[:first_unit], fresh]))


def _replace(layer: nn.Linear, name: str, rows: Tensor) -> None:
    old = getattr(layer, name)
    setattr(layer, name, nn.Parameter(rows.detach().clone(), requires_grad=old.requires_grad))
    layer.out_features = len(rows)
