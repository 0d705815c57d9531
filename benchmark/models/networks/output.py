"""Output layers that can learn new units."""

from __future__ import annotations

import torch
from torch import nn


def grow_rows(layer: nn.Linear, num_rows: int, first_unit: int = 0) -> None:
    """Give `layer` `num_rows` outputs, in place; a new row is the mean of the unit rows.

    Rows before `first_unit` are no units. Raises ValueError when there would be fewer rows.
    """
    new = num_rows - layer.out_features
    if new < 0:
        raise ValueError(f"an output of {layer.out_features} rows cannot shrink to {num_rows}")
    if new == 0:
        return
    with torch.no_grad():
        for name, old in list(layer.named_parameters()):
            row = old[first_unit:].mean(0, keepdim=True)
            rows = torch.cat([old, row.expand(new, *row.shape[1:])])
            setattr(layer, name, nn.Parameter(rows, requires_grad=old.requires_grad))
    layer.out_features = num_rows
