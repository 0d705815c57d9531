"""The ceiling: what all the speech of the target language is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from benchmark.methods.scratch import Scratch


@dataclass(frozen=True)
class Monolingual(Scratch):
    """Train on all training speech of the target language, not on its support set alone.

    No rival of the others but a bound for them: it needs the data that they do without.
    """

    ceiling: ClassVar[bool] = True
    whole_split: ClassVar[bool] = True
