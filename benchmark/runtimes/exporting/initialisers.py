"""Weights in ONNX, in the number type of their encoding if ONNX has it.

16-bit floats are cast when the file is loaded. Codes of a grid, of 8-bit floating point and of a
codebook have the smallest type of ONNX that holds them, followed by the operation that decodes
them. Encodings that ONNX cannot express (packed codes of other widths, sparse storage, Huffman
codes) take more bytes than in packed safetensors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import ml_dtypes
import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor

from benchmark.compression.storage.encodings.codebook import Codebook
from benchmark.compression.storage.encodings.dense import Dense
from benchmark.compression.storage.encodings.float8 import Float8
from benchmark.compression.storage.encodings.uniform import Uniform
from benchmark.compression.storage.weight import Weight
from benchmark.runtimes.exporting.graph import FEATURES


class Stored(NamedTuple):
    """The tensors of a weight, and the nodes that decode them to a float32 tensor of its name."""

    tensors: list[onnx.TensorProto]
    nodes: list[onnx.NodeProto]


def fill(model: onnx.ModelProto, weights: Mapping[str, Weight]) -> None:
    """Fill the weights that a graph has as inputs, in place, each stored in its encoding."""
    graph = model.graph
    names = [value.name for value in graph.input if value.name != FEATURES]
    kept = [value for value in graph.input if value.name == FEATURES]
    nodes: list[onnx.NodeProto] = []
    for name in names:
        stored = _stored(name, weights[name])
        graph.initializer.extend(stored.tensors)
        nodes.extend(stored.nodes)
    nodes.extend(graph.node)
    del graph.node[:], graph.input[:]
    graph.node.extend(nodes)
    graph.input.extend(kept)


def _stored(name: str, weight: Weight) -> Stored:
    encoding, values = weight.encoding, weight.values
    if isinstance(encoding, Dense) and encoding.dtype in (torch.float16, torch.bfloat16):
        half = _tensor(f"{name}.half", _numpy(values.to(encoding.dtype)))
        cast = helper.make_node("Cast", [half.name], [name], to=onnx.TensorProto.FLOAT)
        return Stored([half], [cast])
    if isinstance(encoding, Uniform):
        return _uniform(name, values, encoding)
    if isinstance(encoding, Float8):
        codes = encoding.elements(values).numpy().view(ml_dtypes.float8_e4m3fn)
        return _dequantised(name, codes, encoding.scale)
    if isinstance(encoding, Codebook):
        return _looked_up(name, values, encoding)
    return Stored([_tensor(name, _numpy(values))], [])


def _uniform(name: str, values: Tensor, encoding: Uniform) -> Stored:
    if encoding.zero is None:
        codes = encoding.codes(values).numpy()
        narrow: Any = ml_dtypes.int4
        zero = None
    else:
        codes = encoding.elements(values).numpy()
        narrow = ml_dtypes.uint4
        zero = encoding.zero.numpy()
    if encoding.bits <= 4:
        codes = codes.astype(narrow)
        zero = None if zero is None else zero.astype(narrow)
    if encoding.group_size is None:
        return _dequantised(name, codes, encoding.scale, zero)
    return _grouped(name, codes.reshape(len(codes), -1), encoding, zero, tuple(values.shape))


def _grouped(name: str, rows: Any, encoding: Uniform, zero: Any, shape: tuple[int, ...]) -> Stored:
    """Rows of codes in groups, padded to whole groups, which some runtimes require."""
    assert encoding.group_size is not None
    length = rows.shape[1]
    size = min(encoding.group_size, length)
    rows = np.pad(rows, ((0, 0), (0, -length % size)))
    made = _dequantised(f"{name}.rows", rows, encoding.scale, zero, block_size=size)
    bounds = [
        _tensor(f"{name}.{word}", np.array(numbers, np.int64))
        for word, numbers in (("from", [0]), ("to", [length]), ("axis", [1]), ("shape", shape))
    ]
    cut = [f"{name}.rows", *(tensor.name for tensor in bounds[:3])]
    nodes = [
        helper.make_node("Slice", cut, [f"{name}.cut"]),
        helper.make_node("Reshape", [f"{name}.cut", f"{name}.shape"], [name]),
    ]
    return Stored([*made.tensors, *bounds], [*made.nodes, *nodes])


def _dequantised(
    name: str, codes: Any, scale: Tensor, zero: Any = None, block_size: int = 0
) -> Stored:
    """(code - zero) * scale, with one scale, or one per output channel or block of a row."""
    shape: tuple[int, ...] = tuple(scale.shape)
    if not block_size:
        shape = () if scale.numel() == 1 else (scale.numel(),)
    tensors = [
        _tensor(f"{name}.codes", codes),
        _tensor(f"{name}.scale", scale.float().numpy().reshape(shape)),
    ]
    if zero is not None:
        tensors.append(_tensor(f"{name}.zero", zero.reshape(shape)))
    inputs = [tensor.name for tensor in tensors]
    blocks = {"block_size": block_size, "axis": 1} if block_size else {"axis": 0}
    return Stored(tensors, [helper.make_node("DequantizeLinear", inputs, [name], **blocks)])


def _looked_up(name: str, values: Tensor, encoding: Codebook) -> Stored:
    indices = encoding.elements(values).numpy()
    if encoding.bits <= 4:
        indices = indices.astype(ml_dtypes.uint4)
    tensors = [
        _tensor(f"{name}.codes", indices),
        _tensor(f"{name}.table", encoding.table.float().numpy()),
    ]
    nodes = [
        helper.make_node("Cast", [f"{name}.codes"], [f"{name}.index"], to=onnx.TensorProto.INT32),
        helper.make_node("Gather", [f"{name}.table", f"{name}.index"], [name]),
    ]
    return Stored(tensors, nodes)


def _numpy(values: Tensor) -> Any:
    if values.dtype == torch.bfloat16:
        return values.view(torch.int16).numpy().view(ml_dtypes.bfloat16)
    return values.numpy()


def _tensor(name: str, array: Any) -> onnx.TensorProto:
    # A scalar keeps its shape, which `ascontiguousarray` would not.
    return numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name)
