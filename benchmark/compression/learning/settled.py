"""What a compression has settled, for those who learn after it."""

from __future__ import annotations

from collections.abc import Mapping

from benchmark.compression.learning.constrained import Limits
from benchmark.compression.learning.masks import Masks
from benchmark.compression.storage.weight import Dense, Weight
from benchmark.methods.learning.selection import within
from benchmark.models.networks.base import SpeechNetwork


def settled(weights: Mapping[str, Weight], network: SpeechNetwork) -> Limits:
    """What is settled of `weights`: zeros stay zero, and what is in codes does not learn.

    Zeros of adapters are not settled: an adapter begins with them, and learns from there.
    """
    codes = {name for name, weight in weights.items() if not isinstance(weight.encoding, Dense)}
    beginnings = within(network, network.adapters())
    masks = {
        name: weight.values != 0
        for name, weight in weights.items()
        if weight.is_matrix and name not in codes | beginnings and not bool(weight.values.all())
    }
    return Limits((Masks(masks),), frozenset(codes))
