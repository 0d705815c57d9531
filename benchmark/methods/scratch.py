"""No meta-training: the baseline that shows the benefit of the other languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from benchmark.methods.base import Method

if TYPE_CHECKING:
    from benchmark.methods.learning.training import MetaTraining


@dataclass(frozen=True)
class Scratch(Method):
    """Train only on the support set, from random weights."""

    meta_trains: ClassVar[bool] = False

    def meta_train(self, training: MetaTraining) -> None:
        """Keep the random weights."""
