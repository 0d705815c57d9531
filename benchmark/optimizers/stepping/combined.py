"""Several optimizers that step as one, each with its own parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch


class Combined(torch.optim.Optimizer):
    """Steps all `parts`, whose groups and states it combines."""

    def __init__(self, parts: Sequence[torch.optim.Optimizer]) -> None:
        super().__init__([group for part in parts for group in part.param_groups], {})
        self.parts = list(parts)
        for part in parts:
            part.state = self.state

    def step(self, closure: Callable[[], float] | None = None) -> Any:
        """Step all parts; a closure is not supported."""
        if closure is not None:
            raise TypeError("combined optimizers take no closure")
        for part in self.parts:
            part.step()
