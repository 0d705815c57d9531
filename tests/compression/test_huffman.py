"""Huffman codes lose nothing and are as short as information theory lets them be."""

import heapq
from itertools import count

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.compression.storage.gaps import gaps, mask
from benchmark.compression.storage.huffman import LIMIT, code_lengths, coded_bytes, decode, encode


def entropy(counts):
    """Bits per symbol."""
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def textbook_lengths(counts):
    """Depths in the tree of Huffman 1952, which joins the two rarest again and again."""
    order = count()
    heap = [(int(n), next(order), [s]) for s, n in enumerate(counts) if n]
    heapq.heapify(heap)
    lengths = np.zeros(len(counts), int)
    while len(heap) > 1:
        (a, _, left), (b, _, right) = heapq.heappop(heap), heapq.heappop(heap)
        lengths[left + right] += 1
        heapq.heappush(heap, (a + b, next(order), left + right))
    return lengths


@given(
    st.integers(1, 8).flatmap(
        lambda b: st.tuples(st.just(b), st.lists(st.integers(0, 2**b - 1), max_size=300))
    )
)
def test_symbols_survive(case):
    bits, symbols = case
    data = encode(np.array(symbols, np.uint8), bits)
    assert decode(data, bits).tolist() == symbols
    assert len(data) == coded_bytes(np.array(symbols, np.uint8), bits)


@pytest.mark.parametrize("size", [1023, 1024, 1025, 50_000])
def test_symbols_survive_across_blocks(size):
    generator = np.random.default_rng(size)
    symbols = generator.binomial(255, 0.3, size).astype(np.uint8)
    assert np.array_equal(decode(encode(symbols, 8), 8), symbols)


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=64))
def test_the_mean_length_is_that_of_the_textbook_and_within_a_bit_of_entropy(numbers):
    counts = np.array(numbers)
    lengths = code_lengths(counts)
    if np.count_nonzero(counts) < 2:
        return
    bits, best = (lengths * counts).sum(), (textbook_lengths(counts) * counts).sum()
    assert bits == best
    assert entropy(counts) - 1e-9 <= bits / counts.sum() < entropy(counts) + 1


def test_no_code_is_longer_than_the_table_can_say():
    """Fibonacci numbers make the deepest tree."""
    counts = np.ones(40, dtype=np.int64)
    for i in range(2, 40):
        counts[i] = counts[i - 1] + counts[i - 2]
    assert textbook_lengths(counts).max() > LIMIT
    lengths = code_lengths(counts)
    assert lengths.max() == LIMIT
    assert (0.5 ** lengths.astype(float)).sum() == 1
    assert (lengths * counts).sum() < 1.001 * (textbook_lengths(counts) * counts).sum()


def test_the_stream_is_as_long_as_its_codes_and_a_little_for_the_table():
    generator = np.random.default_rng(0)
    symbols = np.clip(generator.normal(8, 2, 200_000).round(), 0, 15).astype(np.uint8)
    counts = np.bincount(symbols, minlength=16)
    bits = (code_lengths(counts) * counts).sum()
    # Four bytes of count, half a byte for each of 16 lengths, 16 bits for each block of 1024.
    length = 4 + 8 + 2 * -(-len(symbols) // 1024) + -(-bits // 8)
    assert len(encode(symbols, 4)) == coded_bytes(symbols, 4) == length
    assert 8 * len(encode(symbols, 4)) / len(symbols) < entropy(counts) * 1.03


def test_one_symbol_repeated_takes_no_bits():
    assert len(encode(np.full(100_000, 7, np.uint8), 4)) == 12


@pytest.mark.parametrize("cut", [0, 3, 20, -1])
def test_a_stream_that_is_cut_off_is_an_error(cut):
    data = encode(np.random.default_rng(0).integers(0, 16, 5000).astype(np.uint8), 4)
    with pytest.raises(ValueError, match=r"truncated|do not hold"):
        decode(data[:cut], 4)


@given(st.lists(st.booleans(), max_size=400))
def test_gaps_describe_a_mask(bools):
    kept = np.array(bools, dtype=bool)
    assert np.array_equal(mask(gaps(kept), len(kept)), kept)


@pytest.mark.parametrize("first", [0, 254, 255, 256, 509, 510, 511, 5000])
def test_gaps_may_be_longer_than_a_byte_can_count(first):
    kept = np.zeros(6000, dtype=bool)
    kept[[first, first + 300]] = True
    assert np.array_equal(mask(gaps(kept), 6000), kept)
