"""Whether losses and gradients are finite, without waiting for the device at every step.

Reading a number back from a GPU stops its queue, so values are kept there and read many at a time.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

MOST_KEPT = 64
"""Values that a GPU holds before they are read. A CPU has nothing to wait for."""


class Noted(NamedTuple):
    """A value that must be finite, a scalar or one per learner (S,), and where it was computed."""

    value: Tensor
    name: str
    step: int


class Finiteness:
    """Values that must be finite, kept until it is time to read them."""

    def __init__(self) -> None:
        self.noted: list[Noted] = []

    def note(self, value: Tensor, name: str, step: int) -> None:
        """Keep a value of a step, which counts from 1."""
        self.noted.append(Noted(value.detach(), name, step))

    @property
    def due(self) -> bool:
        """Whether it is time to read."""
        on_cpu = bool(self.noted) and self.noted[0].value.device.type == "cpu"
        return on_cpu or len(self.noted) >= MOST_KEPT

    def faults(self) -> dict[int, str]:
        """Read all that is kept: the first fault of each learner that has any, by its index."""
        noted, self.noted = self.noted, []
        first: dict[int, str] = {}
        if not noted:
            return first
        values = torch.stack([each.value.reshape(-1) for each in noted])
        if not torch.isfinite(values).all():
            for each, row in zip(noted, values.tolist(), strict=True):
                for learner, value in enumerate(row):
                    if not abs(value) < float("inf"):
                        fault = f"the {each.name} became {value} at step {each.step}"
                        first.setdefault(learner, fault)
        return first
