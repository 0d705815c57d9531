"""Word error rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.scoring.metrics.base import ErrorRate

if TYPE_CHECKING:
    from benchmark.scoring.errors import Errors, Scored


@dataclass(frozen=True)
class WordErrorRate(ErrorRate):
    """Word error rate."""

    def count(self, utterance: Scored) -> Errors:
        """Substituted, deleted and inserted words."""
        return utterance.words
