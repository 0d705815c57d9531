"""Weights as ONNX stores them: in the numbers of their encoding, where it has such numbers.

Halves are cast when the file is loaded; codes of a uniform grid are the smallest integers that hold
them, 4 or 8 bits, before a `DequantizeLinear`. What ONNX cannot say (codes of other widths without
gaps, zeros left out, codebooks) is stored as float32, and the file is as large as that makes it.
"""

from __future__ import annotations

from collections.abc import Mapping

import ml_dtypes
import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor

from benchmark.compression.storage.weight import Dense, Uniform, Weight
from benchmark.runtimes.exporting.graph import FEATURES


def fill(model: onnx.ModelProto, weights: Mapping[str, Weight]) -> None:
    """Give a graph the weights that it has as inputs, in place, each stored in its encoding."""
    graph = model.graph
    names = [value.name for value in graph.input if value.name != FEATURES]
    kept = [value for value in graph.input if value.name == FEATURES]
    nodes: list[onnx.NodeProto] = []
    for name in names:
        tensors, decoding = _stored(name, weights[name])
        graph.initializer.extend(tensors)
        nodes.extend(decoding)
    nodes.extend(graph.node)
    del graph.node[:], graph.input[:]
    graph.node.extend(nodes)
    graph.input.extend(kept)


def _stored(name: str, weight: Weight) -> tuple[list[onnx.TensorProto], list[onnx.NodeProto]]:
    """Tensors that hold a weight, and nodes that make a float32 tensor called `name` of them."""
    encoding, values = weight.encoding, weight.values
    if isinstance(encoding, Dense) and encoding.dtype in (torch.float16, torch.bfloat16):
        half = f"{name}.half"
        cast = helper.make_node("Cast", [half], [name], to=onnx.TensorProto.FLOAT)
        return [_tensor(half, values.to(encoding.dtype))], [cast]
    if isinstance(encoding, Uniform) and _axis_0(encoding.scale):
        codes, scale = f"{name}.codes", f"{name}.scale"
        integers = encoding.codes(values).numpy()
        if encoding.bits <= 4:
            integers = integers.astype(ml_dtypes.int4)
        steps = encoding.scale.float().flatten()
        tensors = [
            numpy_helper.from_array(integers, codes),
            _tensor(scale, steps if len(steps) > 1 else steps[0]),
        ]
        decode = helper.make_node("DequantizeLinear", [codes, scale], [name], axis=0)
        return tensors, [decode]
    return [_tensor(name, values)], []


def _axis_0(scale: Tensor) -> bool:
    """Whether there is one step for all, or one for each output channel."""
    return scale.numel() == 1 or scale.numel() == scale.shape[0]


def _tensor(name: str, values: Tensor) -> onnx.TensorProto:
    if values.dtype == torch.bfloat16:
        array = values.view(torch.int16).numpy().view(ml_dtypes.bfloat16)
    else:
        array = values.numpy()
    return numpy_helper.from_array(np.ascontiguousarray(array).reshape(values.shape), name)
