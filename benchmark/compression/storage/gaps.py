"""Positions of nonzero values, as the number of zeros before each.

If few values are nonzero, a Huffman code of these numbers takes less than one bit per value (Han et
al. 2016, section 2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.compression.storage.packing import Bytes

FILLER = 255
"""The symbol for this many zeros without a value after them."""


def gaps(mask: NDArray[np.bool_]) -> Bytes:
    """The symbols for a flat `mask` of nonzero values; trailing zeros have none."""
    zeros = np.diff(np.flatnonzero(mask), prepend=-1) - 1
    fillers, rest = np.divmod(zeros, FILLER)
    symbols = np.full(len(zeros) + int(fillers.sum()), FILLER, dtype=np.uint8)
    symbols[(fillers + 1).cumsum() - 1] = rest
    return symbols


def mask(symbols: Bytes, count: int) -> NDArray[np.bool_]:
    """The mask of `count` values from the symbols of `gaps`.

    Raises IndexError if they describe more values.
    """
    passed = np.where(symbols == FILLER, FILLER, symbols.astype(np.int64) + 1)
    kept = np.zeros(count, dtype=bool)
    kept[(passed.cumsum() - 1)[symbols != FILLER]] = True
    return kept
