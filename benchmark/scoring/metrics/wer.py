"""Word error rate."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.scoring.errors import Errors, Scored
from benchmark.scoring.metrics.base import ErrorRate


@dataclass(frozen=True)
class WordErrorRate(ErrorRate):
    """Word error rate."""

    def count(self, utterance: Scored) -> Errors:
        """Substituted, deleted and inserted words."""
        return utterance.words
