"""How one weight becomes the tensors that a file holds for it, and comes back bit for bit.

A weight that is stored value by value keeps its name, so that an uncompressed artefact is an
ordinary safetensors file. Everything else is stored as parts: `NAME#codes`, `NAME#scale`,
`NAME#values`, and `NAME#mask` with one bit for each value where zeros are left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np
import torch
from pydantic import Field
from safetensors.torch import save
from torch import Tensor

from benchmark.compression.storage.packing import pack, unpack
from benchmark.compression.storage.weight import Uniform, Weight


@dataclass(frozen=True)
class Layout:
    """How a weight is stored: in codes of `bits` or by value (None), with or without its zeros."""

    shape: tuple[Annotated[int, Field(ge=0)], ...]
    bits: Annotated[int, Field(ge=2, le=8)] | None
    sparse: bool


class Encoded(NamedTuple):
    """The tensors of one weight, by their names in the file, and the way to read them."""

    layout: Layout
    parts: dict[str, Tensor]


def encode(name: str, weight: Weight) -> Encoded:
    """One weight; zeros of a matrix are left out where that takes fewer bytes of a file."""
    every = _encode(name, weight, sparse=False)
    if not weight.is_matrix:
        return every
    sparse = _encode(name, weight, sparse=True)
    return sparse if len(save(sparse.parts)) < len(save(every.parts)) else every


def decode(name: str, layout: Layout, parts: Mapping[str, Tensor]) -> Tensor:
    """The values of a weight: float32, or the type of an integer buffer.

    Raises KeyError, ValueError or RuntimeError where parts are missing or do not fit the layout.
    """
    if layout.bits is None and not layout.sparse:
        values = parts[name]
        return (values.float() if values.is_floating_point() else values).reshape(layout.shape)
    count = math.prod(layout.shape)
    kept = torch.ones(count, dtype=torch.bool)
    if layout.sparse:
        kept = torch.from_numpy(unpack(parts[f"{name}#mask"].numpy(), 1, count)).bool()
    if layout.bits is None:
        return _scattered(parts[f"{name}#values"].float(), kept).reshape(layout.shape)
    scale = parts[f"{name}#scale"].float()
    packed = parts[f"{name}#codes"].numpy()
    unsigned = torch.from_numpy(unpack(packed, layout.bits, int(kept.sum())))
    codes = unsigned.float() - Uniform(layout.bits, scale).limit
    return _scattered(codes, kept).reshape(layout.shape) * scale


def _encode(name: str, weight: Weight, sparse: bool) -> Encoded:
    encoding, values = weight.encoding, weight.values.contiguous()
    bits = encoding.bits if isinstance(encoding, Uniform) else None
    layout = Layout(tuple(values.shape), bits, sparse)
    if isinstance(encoding, Uniform):
        codes = encoding.codes(values).flatten()
        kept = codes != 0
        chosen = codes[kept] if sparse else codes
        unsigned = (chosen.int() + encoding.limit).to(torch.uint8).numpy()
        parts = {
            f"{name}#codes": torch.from_numpy(pack(unsigned, encoding.bits)),
            f"{name}#scale": encoding.scale.contiguous(),
        }
    else:
        flat = values.flatten()
        # A negative zero is kept, since nothing else could bring back its sign.
        kept = (flat != 0) | flat.signbit()
        stored = values.to(encoding.dtype)
        parts = {f"{name}#values": stored.flatten()[kept]} if sparse else {name: stored}
    if sparse:
        mask = kept.numpy().astype(np.uint8)
        parts[f"{name}#mask"] = torch.from_numpy(pack(mask, 1))
    return Encoded(layout, parts)


def _scattered(chosen: Tensor, kept: Tensor) -> Tensor:
    """Zeros with `chosen` where `kept` is set; both flat."""
    values = torch.zeros(len(kept))
    values[kept] = chosen
    return values
