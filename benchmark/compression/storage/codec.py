"""How one weight becomes the tensors that a file holds for it, and comes back bit for bit.

A weight that is stored value by value keeps its name, so that an uncompressed artefact is an
ordinary safetensors file. Everything else is stored as parts: `NAME#codes` or `NAME#values`, the
sides of an encoding such as `NAME#scale`, and `NAME#mask` with one bit for each value where zeros
are left out. Where Huffman codes take fewer bytes, they stand for codes, for each byte of values
(`NAME#byte0`, ...) and for the gaps between those that are not zero (`NAME#gaps`).
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
    """The tensors of one weight, by their names in the file, and the way to read them."""

    layout: Layout
    parts: dict[str, Tensor]

    @property
    def num_bytes(self) -> int:
        """What the tensors would take as a file of their own."""
        return len(save(self.parts))


class Chosen(NamedTuple):
    """The elements that are stored (K,), and which of all these are, (N,) bool."""

    elements: Tensor
    kept: Tensor


def encode(name: str, weight: Weight) -> Encoded:
    """One weight, in the way that takes the fewest bytes of a file.

    Zeros of a matrix may be left out. Elements may become Huffman codes if that is its coder.
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

    Raises KeyError, IndexError, TypeError, ValueError or RuntimeError where parts are missing or
    do not fit the layout.
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
    # A negative zero is kept, since nothing else could bring back its sign.
    kept = (flat != 0) | flat.signbit()
    return Chosen(elements[kept], kept)


def _packed(name: str, weight: Weight, sparse: bool, chosen: Chosen) -> Encoded:
    """Elements side by side, after a mask where zeros are left out."""
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
    """Huffman codes of codes, of each byte of values and of gaps, where they are shorter."""
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
    """What Huffman codes may stand for: its name, symbols, and how many bits each may have."""
    bits = weight.encoding.bits
    if bits is not None:
        yield "codes", chosen.elements.numpy(), bits
    else:
        for i, column in enumerate(_bytes(chosen.elements).T):
            yield f"byte{i}", column, 8
    if sparse:
        yield "gaps", gaps.gaps(chosen.kept.numpy()), 8


def _elements(name: str, layout: Layout, parts: Mapping[str, Tensor], count: int) -> Tensor:
    """The `count` elements that are stored."""
    if layout.bits is not None:
        return torch.from_numpy(_symbols(name, "codes", layout, parts, layout.bits, count))
    if not layout.settings:
        return parts[f"{name}#values" if layout.sparse else name].flatten()
    dtype = Dense.restored(None, {}, layout.settings).dtype
    columns = [_symbols(name, f"byte{i}", layout, parts, 8, count) for i in range(dtype.itemsize)]
    return _tensor(np.stack(columns, axis=1)).flatten().view(dtype)


def _kept(name: str, layout: Layout, parts: Mapping[str, Tensor], count: int) -> Tensor:
    """Which of `count` values are stored."""
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
    """(N, bytes of one)."""
    single: Bytes = elements.contiguous().view(torch.uint8).reshape(-1, elements.itemsize).numpy()
    return single


def _tensor(data: Bytes) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(data))
