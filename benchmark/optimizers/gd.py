"""Gradient descent on the whole support set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from benchmark.optimizers.sgd import Sgd


@dataclass(frozen=True)
class Gd(Sgd):
    """Gradient descent with the gradient of the whole support set in every step.

    It makes fewer and less noisy steps than `sgd`. In meta-training, where batches do not end, it
    is the same as `sgd`.
    """

    full_batch: ClassVar[bool] = True
