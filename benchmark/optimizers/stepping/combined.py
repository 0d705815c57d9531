"""Several optimizers that step as one, each with parameters of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch


class Combined(torch.optim.Optimizer):
    """Steps each of `parts`; their groups and states are its own."""

    def __init__(self, parts: Sequence[torch.optim.Optimizer]) -> None:
        super().__init__([group for part in parts for group in part.param_groups], {})
        self.parts = list(parts)
        for part in parts:
            part.state = self.state

    def step(self, closure: Callable[[], float] | None = None) -> Any:
        """Step all parts; a closure is not supported."""
        if closure is not None:
            raise TypeError("optimizers that step as one take no closure")
        for part in self.parts:
            part.step()
