"""Few lengths for batches, so that few shapes occur."""

from __future__ import annotations

STEPS = 4
"""Buckets per doubling: lengths grow by a fifth on average, so padding is a tenth."""


def bucket(length: int) -> int:
    """The smallest length of a few, `STEPS` per doubling, that is not below `length`."""
    if length <= STEPS:
        return max(1, length)
    unit = 1 << ((length - 1).bit_length() - 1 - (STEPS.bit_length() - 1))
    return -(-length // unit) * unit
