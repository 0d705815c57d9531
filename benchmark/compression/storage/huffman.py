"""Huffman codes: frequent symbols take few bits.

Codes are canonical, so only their lengths are stored, and at most `LIMIT` bits long, so that a
table can decode them. The bit stream is divided into blocks of `BLOCK` symbols. The lengths of
blocks are stored too, 1/64 of a bit per symbol, so that all blocks can be decoded in parallel.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.compression.storage.packing import Bytes, pack, unpack

LIMIT = 15
"""Bits of the longest code; a length is stored in four bits."""

BLOCK = 1024
CHUNK = 2**20


class Book(NamedTuple):
    """The canonical code: symbols from the shortest code to the longest, and their lengths."""

    symbols: NDArray[np.intp]
    lengths: NDArray[np.int64]

    @property
    def starts(self) -> NDArray[np.int64]:
        """Each code, aligned to the left in `LIMIT` bits."""
        return self.spans.cumsum() - self.spans

    @property
    def spans(self) -> NDArray[np.int64]:
        """The number of `LIMIT`-bit integers that begin with each code."""
        return np.left_shift(1, LIMIT - self.lengths)


def code_lengths(counts: NDArray[np.int64]) -> Bytes:
    """Bits of the optimal code of each symbol, given its frequency; 0 for symbols that do not
    occur.

    Package-merge (Larmore and Hirschberg, J. ACM 1990): the optimal code of at most `LIMIT` bits.
    """
    lengths = np.zeros(len(counts), dtype=np.uint8)
    leaves = sorted((int(counts[s]), [int(s)]) for s in np.flatnonzero(counts))
    packages: list[tuple[int, list[int]]] = []
    for _ in range(LIMIT):
        merged = sorted(leaves + packages, key=lambda package: package[0])
        pairs = zip(merged[::2], merged[1::2], strict=False)
        packages = [(a + b, left + right) for (a, left), (b, right) in pairs]
    for _, symbols in packages[: len(leaves) - 1]:
        np.add.at(lengths, symbols, 1)
    if len(leaves) == 1:
        # A single symbol needs no bits, but it needs a place in the table.
        lengths[leaves[0][1]] = 1
    return lengths


def coded_bytes(symbols: Bytes, bits: int) -> int:
    """The length of the output of `encode` for `symbols`."""
    counts = np.bincount(symbols, minlength=2**bits)
    table: int = 4 + (2**bits + 1) // 2
    if np.count_nonzero(counts) < 2:
        return table
    num_blocks = -(-len(symbols) // BLOCK)
    num_bits = int(np.dot(counts, code_lengths(counts)))
    return table + 2 * num_blocks + -(-num_bits // 8)


def encode(symbols: Bytes, bits: int) -> Bytes:
    """Bytes that hold `symbols` (N,), each below 2 ** bits.

    The layout is N as a uint32, the lengths of all codes, the bits of each block as uint16, and the
    codes; little endian. There are no codes if there is only one symbol.
    """
    lengths = code_lengths(np.bincount(symbols, minlength=2**bits))
    book = _book(lengths)
    head = [np.frombuffer(np.uint32(len(symbols)).tobytes(), np.uint8), pack(lengths, 4)]
    if len(book.symbols) < 2:
        return np.concatenate(head)
    codes = np.zeros(2**bits, dtype=">u2")
    codes[book.symbols] = book.starts << (16 - LIMIT)
    stream = [
        _bits(part, codes, lengths) for part in np.split(symbols, range(CHUNK, len(symbols), CHUNK))
    ]
    sizes = np.add.reduceat(lengths[symbols].astype(np.int64), range(0, len(symbols), BLOCK))
    blocks = np.frombuffer(sizes.astype("<u2").tobytes(), np.uint8)
    return np.concatenate([*head, blocks, np.packbits(np.concatenate(stream))])


def decode(data: Bytes, bits: int) -> Bytes:
    """The symbols that `encode` coded. Raises ValueError if `data` is not its output."""
    table: int = 4 + (2**bits + 1) // 2
    if len(data) < table:
        raise ValueError(f"{len(data)} bytes do not hold a code for {bits} bits")
    count = int(data[:4].view("<u4")[0])
    book = _book(unpack(data[4:table], 4, 2**bits))
    if len(book.symbols) < 2:
        return np.full(count, book.symbols[0] if count else 0, dtype=np.uint8)
    num_blocks = -(-count // BLOCK)
    sizes = data[table : table + 2 * num_blocks].copy().view("<u2").astype(np.int64)
    stream = data[table + 2 * num_blocks :]
    if len(sizes) != num_blocks or len(stream) != -(-int(sizes.sum()) // 8):
        raise ValueError("a Huffman code that is truncated, or longer than its header says")
    return _read(stream, sizes.cumsum() - sizes, book)[:count]


def _book(lengths: Bytes) -> Book:
    order = np.lexsort((np.arange(len(lengths)), lengths))
    symbols = order[lengths[order] > 0]
    return Book(symbols, lengths[symbols].astype(np.int64))


def _bits(symbols: Bytes, codes: NDArray[np.uint16], lengths: Bytes) -> Bytes:
    """The bits of the codes of `symbols`, one per byte."""
    spread = np.unpackbits(codes[symbols].view(np.uint8).reshape(-1, 2), axis=1)
    return spread[np.arange(16) < lengths[symbols][:, None]]


def _read(stream: Bytes, starts: NDArray[np.int64], book: Book) -> Bytes:
    """`BLOCK` symbols from each bit position of `stream` in `starts`, in parallel."""
    if book.spans.sum() != 1 << LIMIT:
        raise ValueError("impossible lengths of Huffman codes")
    symbol_at = book.symbols.astype(np.uint8).repeat(book.spans)
    length_at = book.lengths.repeat(book.spans)
    padded = np.append(stream, np.zeros(2 + BLOCK * LIMIT // 8, np.uint8)).astype(np.int64)
    places, symbols = starts.copy(), np.empty((len(starts), BLOCK), dtype=np.uint8)
    for i in range(BLOCK):
        byte = places >> 3
        seen = padded[byte] << 16 | padded[byte + 1] << 8 | padded[byte + 2]
        code = seen >> (24 - LIMIT - (places & 7)) & ((1 << LIMIT) - 1)
        symbols[:, i] = symbol_at[code]
        places += length_at[code]
    return symbols.reshape(-1)
