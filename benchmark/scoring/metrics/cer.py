"""Character error rate."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.scoring.errors import Errors, Scored
from benchmark.scoring.metrics.base import ErrorRate


@dataclass(frozen=True)
class CharacterErrorRate(ErrorRate):
    """Character error rate. Spaces count where words are spaced."""

    def count(self, utterance: Scored) -> Errors:
        """Substituted, deleted and inserted characters."""
        return utterance.characters
