"""Integers of a few bits packed into bytes without gaps, most significant bit first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


def pack(codes: Bytes, bits: int) -> Bytes:
    """Bytes that hold `codes` (N,), each below 2 ** bits: ceil(N * bits / 8) of them."""
    spread = np.unpackbits(codes[:, None], axis=1)
    return np.packbits(spread[:, 8 - bits :])


def unpack(packed: Bytes, bits: int, count: int) -> Bytes:
    """The `count` codes that `pack` packed.

    Raises ValueError if `packed` has the wrong length.
    """
    if len(packed) != -(-count * bits // 8):
        raise ValueError(f"{len(packed)} bytes do not hold {count} codes of {bits} bits")
    spread = np.zeros((count, 8), dtype=np.uint8)
    spread[:, 8 - bits :] = np.unpackbits(packed, count=count * bits).reshape(count, bits)
    return np.packbits(spread, axis=1)[:, 0]
