"""Character error rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark.scoring.metrics.base import ErrorRate

if TYPE_CHECKING:
    from benchmark.scoring.errors import Errors, Scored


@dataclass(frozen=True)
class CharacterErrorRate(ErrorRate):
    """Character error rate. Spaces count where words are spaced."""

    def count(self, utterance: Scored) -> Errors:
        """Substituted, deleted and inserted characters."""
        return utterance.characters
