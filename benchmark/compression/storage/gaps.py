"""Which values are not zero, as the numbers of zeros before each.

Where few are left these numbers are alike, and a Huffman code for them takes fewer bits than one
for each value (Han et al. 2016, section 2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmark.compression.storage.packing import Bytes

FILLER = 255
"""The symbol for so many zeros that no value follows."""


def gaps(mask: NDArray[np.bool_]) -> Bytes:
    """The symbols for a flat `mask` of the values that are not zero; zeros at the end have none."""
    zeros = np.diff(np.flatnonzero(mask), prepend=-1) - 1
    fillers, rest = np.divmod(zeros, FILLER)
    symbols = np.full(len(zeros) + int(fillers.sum()), FILLER, dtype=np.uint8)
    symbols[(fillers + 1).cumsum() - 1] = rest
    return symbols


def mask(symbols: Bytes, count: int) -> NDArray[np.bool_]:
    """The mask of `count` values that `gaps` described.

    Raises IndexError where it describes more.
    """
    passed = np.where(symbols == FILLER, FILLER, symbols.astype(np.int64) + 1)
    kept = np.zeros(count, dtype=bool)
    kept[(passed.cumsum() - 1)[symbols != FILLER]] = True
    return kept
