"""What a compression has settled, for those who learn after it."""

from __future__ import annotations

from collections.abc import Mapping

from benchmark.compression.constraints.constrained import Limits
from benchmark.compression.constraints.masks import Masks
from benchmark.compression.storage.encodings.dense import Dense
from benchmark.compression.storage.weight import Weight


def settled(weights: Mapping[str, Weight]) -> Limits:
    """What is settled of `weights`: zeros stay zero, and what is in codes does not learn."""
    codes = {name for name, weight in weights.items() if not isinstance(weight.encoding, Dense)}
    masks = {
        name: weight.values != 0
        for name, weight in weights.items()
        if weight.is_matrix and name not in codes and not bool(weight.values.all())
    }
    return Limits((Masks(masks),), frozenset(codes))
