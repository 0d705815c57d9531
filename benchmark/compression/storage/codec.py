"""Lossless conversion between a weight and the tensors that store it.

A weight stored by value keeps its name, so an uncompressed artefact is an ordinary safetensors
file. Other weights are stored in parts: `NAME#codes` or `NAME#values`, the side tensors of an
encoding such as `NAME#scale`, and, if zeros are left out, `NAME#mask` with one bit per value. If
Huffman codes take fewer bytes, they replace codes, each byte of values (`NAME#byte0`, ...) and the
gaps between nonzero values (`NAME#gaps`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor

from benchmark.compression.storage import gaps, huffman
from benchmark.compression.storage.encodings.dense import Dense
from benchmark.compression.storage.encodings.uniform import Uniform
from benchmark.compression.storage.layout import Layout
from benchmark.compression.storage.packing import Bytes, pack, unpack
from benchmark.compression.storage.weight import Weight


class Encoded(NamedTuple):
    """The tensors of one weight by their names in the file, and their layout."""

    layout: Layout
    parts: dict[str, Tensor]

    @property
    def num_bytes(self) -> int:
        """The size of the tensors in a separate file."""
        return len(save(self.parts))


class Chosen(NamedTuple):
    """The stored elements (K,), and a mask of them among all, (N,) bool."""

    elements: Tensor
    kept: Tensor


def encode(name: str, weight: Weight) -> Encoded:
    """One weight in its smallest form.

    Zeros of a matrix may be left out. Elements may be Huffman coded if that is its coder.
    """
    ways = []
    holey = weight.is_matrix and not bool(weight.values.all())
    for sparse in (False, True) if holey else (False,):
        chosen = _choose(weight, sparse)
        ways.append(_packed(name, weight, sparse, chosen))
        if weight.coder == "huffman":
            ways.append(_coded(name, weight, sparse, chosen))
    return min(ways, key=lambda way: way.num_bytes)


def decode(name: str, layout: Layout, parts: Mapping[str, Tensor]) -> Weight:
    """The weight that `encode` wrote.

    Raises KeyError, IndexError, TypeError, ValueError or RuntimeError if parts are missing or do
    not match the layout.
    """
    count = math.prod(layout.shape)
    kept = _kept(name, layout, parts, count)
    elements, settings = _elements(name, layout, parts, int(kept.sum())), layout.settings
    if layout.bits is None:
        settings = Dense(elements.dtype).settings()
    sides = {s: parts[f"{name}#{s}"] for s in layout.cls.side_names if f"{name}#{s}" in parts}
    encoding = layout.cls.restored(layout.bits, sides, settings)
    every = torch.zeros(count, dtype=elements.dtype)
    every[kept] = elements
    values = encoding.values(every.reshape(layout.shape))
    if layout.sparse:
        values = values.masked_fill(~kept.reshape(layout.shape), 0)
    return Weight(values, encoding, "huffman" if layout.huffman else "packed")


def _choose(weight: Weight, sparse: bool) -> Chosen:
    flat = weight.values.flatten()
    elements = weight.encoding.elements(weight.values).flatten()
    if not sparse:
        return Chosen(elements, torch.ones(len(flat), dtype=torch.bool))
    # A negative zero is stored, because its sign would be lost otherwise.
    kept = (flat != 0) | flat.signbit()
    return Chosen(elements[kept], kept)


def _packed(name: str, weight: Weight, sparse: bool, chosen: Chosen) -> Encoded:
    """Packed elements, with a mask if zeros are left out."""
    layout = _layout(weight, sparse)
    parts = _sides(name, weight)
    if layout.bits is not None:
        parts[f"{name}#codes"] = _tensor(pack(chosen.elements.numpy(), layout.bits))
    elif sparse:
        parts[f"{name}#values"] = chosen.elements
    else:
        parts[name] = chosen.elements.reshape(layout.shape)
    if sparse:
        parts[f"{name}#mask"] = _packed_mask(chosen)
    return Encoded(layout, parts)


def _coded(name: str, weight: Weight, sparse: bool, chosen: Chosen) -> Encoded:
    """Huffman codes of codes, of each byte of values and of gaps, if they are shorter."""
    parts, coded = _sides(name, weight), []
    for stream, symbols, bits in _streams(weight, chosen, sparse):
        plain = _packed_mask(chosen) if stream == "gaps" else _tensor(pack(symbols, bits))
        if huffman.coded_bytes(symbols, bits) < len(plain):
            coded.append(stream)
            parts[f"{name}#{stream}"] = _tensor(huffman.encode(symbols, bits))
        else:
            parts[f"{name}#{'mask' if stream == 'gaps' else stream}"] = plain
    layout = replace(_layout(weight, sparse), huffman=tuple(coded))
    if layout.bits is None:
        layout = replace(layout, settings=weight.encoding.settings())
    return Encoded(layout, parts)


def _streams(weight: Weight, chosen: Chosen, sparse: bool) -> Iterator[tuple[str, Bytes, int]]:
    """The streams that can be Huffman coded: name, symbols, and bits per symbol."""
    bits = weight.encoding.bits
    if bits is not None:
        yield "codes", chosen.elements.numpy(), bits
    else:
        for i, column in enumerate(_bytes(chosen.elements).T):
            yield f"byte{i}", column, 8
    if sparse:
        yield "gaps", gaps.gaps(chosen.kept.numpy()), 8


def _elements(name: str, layout: Layout, parts: Mapping[str, Tensor], count: int) -> Tensor:
    """The `count` stored elements."""
    if layout.bits is not None:
        return torch.from_numpy(_symbols(name, "codes", layout, parts, layout.bits, count))
    if not layout.settings:
        return parts[f"{name}#values" if layout.sparse else name].flatten()
    dtype = Dense.restored(None, {}, layout.settings).dtype
    columns = [_symbols(name, f"byte{i}", layout, parts, 8, count) for i in range(dtype.itemsize)]
    return _tensor(np.stack(columns, axis=1)).flatten().view(dtype)


def _kept(name: str, layout: Layout, parts: Mapping[str, Tensor], count: int) -> Tensor:
    """A mask of the stored ones among `count` values."""
    if not layout.sparse:
        return torch.ones(count, dtype=torch.bool)
    if "gaps" in layout.huffman:
        symbols = huffman.decode(parts[f"{name}#gaps"].numpy(), 8)
        return torch.from_numpy(gaps.mask(symbols, count))
    return torch.from_numpy(unpack(parts[f"{name}#mask"].numpy(), 1, count)).bool()


def _symbols(
    name: str, stream: str, layout: Layout, parts: Mapping[str, Tensor], bits: int, count: int
) -> Bytes:
    data = parts[f"{name}#{stream}"].numpy()
    return huffman.decode(data, bits) if stream in layout.huffman else unpack(data, bits, count)


def _layout(weight: Weight, sparse: bool) -> Layout:
    shape, encoding = tuple(weight.values.shape), weight.encoding
    if encoding.bits is None:
        return Layout(shape, None, sparse)
    called = None if isinstance(encoding, Uniform) else encoding.name
    return Layout(shape, encoding.bits, sparse, called, encoding.settings())


def _sides(name: str, weight: Weight) -> dict[str, Tensor]:
    return {f"{name}#{side}": tensor for side, tensor in weight.encoding.sides().items()}


def _packed_mask(chosen: Chosen) -> Tensor:
    return _tensor(pack(chosen.kept.numpy().astype(np.uint8), 1))


def _bytes(elements: Tensor) -> Bytes:
    """The bytes of elements, (N, bytes per element)."""
    single: Bytes = elements.contiguous().view(torch.uint8).reshape(-1, elements.itemsize).numpy()
    return single


def _tensor(data: Bytes) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(data))
