"""An upper bound: training on all speech of the target language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from benchmark.methods.scratch import Scratch


@dataclass(frozen=True)
class Monolingual(Scratch):
    """Train on all training speech of the target language, not only on its support set.

    It uses data that the other methods do not have, so it is an upper bound and not a competitor.
    """

    ceiling: ClassVar[bool] = True
    whole_split: ClassVar[bool] = True
