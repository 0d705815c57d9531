"""Constraints that keep what a compression has done while the network learns on."""

from __future__ import annotations

from collections.abc import Mapping

from benchmark.compression.constraints.constrained import WeightConstraints
from benchmark.compression.constraints.masks import Masks
from benchmark.compression.storage.encodings.dense import Dense
from benchmark.compression.storage.weight import Weight


def preserving_constraints(weights: Mapping[str, Weight]) -> WeightConstraints:
    """Zeros of `weights` stay zero, and weights that are stored as codes are frozen."""
    codes = {name for name, weight in weights.items() if not isinstance(weight.encoding, Dense)}
    masks = {
        name: weight.values != 0
        for name, weight in weights.items()
        if weight.is_matrix and name not in codes and not bool(weight.values.all())
    }
    return WeightConstraints((Masks(masks),), frozenset(codes))
