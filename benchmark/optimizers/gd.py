"""Gradient descent on the whole support set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from benchmark.optimizers.sgd import Sgd


@dataclass(frozen=True)
class Gd(Sgd):
    """Every step takes the gradient of the whole support set: fewer, steadier steps than `sgd`.

    In meta-training, where there is no end of batches, it is `sgd`.
    """

    full_batch: ClassVar[bool] = True
