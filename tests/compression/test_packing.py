"""Codes of a few bits survive packing and take no more bytes than they must."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.compression.storage.packing import pack, unpack


@given(
    st.integers(1, 8).flatmap(lambda b: st.tuples(st.just(b), st.lists(st.integers(0, 2**b - 1))))
)
def test_codes_survive_and_leave_no_gaps(case):
    bits, codes = case
    packed = pack(np.array(codes, dtype=np.uint8), bits)
    assert packed.nbytes == -(-len(codes) * bits // 8)
    assert unpack(packed, bits, len(codes)).tolist() == codes


def test_bits_are_written_most_significant_first():
    packed = pack(np.array([0b101, 0b001, 0b111], dtype=np.uint8), 3)
    assert packed.tolist() == [0b10100111, 0b10000000]


def test_a_wrong_length_is_an_error():
    with pytest.raises(ValueError, match="1 bytes do not hold 3 codes of 3 bits"):
        unpack(np.zeros(1, dtype=np.uint8), 3, 3)
