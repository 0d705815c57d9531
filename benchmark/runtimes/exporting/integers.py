"""ONNX graphs in 8-bit integer arithmetic, from ONNX Runtime's quantiser."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import onnxscript.optimizer
from numpy.typing import NDArray

from benchmark.compression.chain.subject import Arithmetic
from benchmark.errors import Unsupported
from benchmark.runtimes.exporting.graph import FEATURES
from benchmark.runtimes.exporting.quantiser import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)

LINEAR = ("MatMul", "Gemm")
CONVOLUTION = ("Conv",)
EVERY_SIZE = 2**31


def with_integers(
    model: onnx.ModelProto, arithmetic: Arithmetic, calibration: Sequence[NDArray[np.float32]]
) -> onnx.ModelProto:
    """`model` with linear layers, and possibly convolutions, computed with 8-bit integers.

    `calibration` has features (1, T, F) of utterances. Products of two activations, as in
    attention, stay in floating point. Raises Unsupported if nothing was quantised.
    """
    if arithmetic == "float":
        return model
    # The quantiser treats only constants as weights, but their transposition is still a node.
    model = onnxscript.optimizer.optimize(
        model, input_size_limit=EVERY_SIZE, output_size_limit=EVERY_SIZE
    )
    fixed = {"int8_dynamic": (), "int8_static": CONVOLUTION + LINEAR, "int8_mixed": CONVOLUTION}
    if fixed[arithmetic]:
        model = _static(model, fixed[arithmetic], calibration)
    if arithmetic != "int8_static":
        model = _dynamic(model)
    integers = [t for t in model.graph.initializer if t.data_type == onnx.TensorProto.INT8]
    if not any(len(tensor.dims) >= 2 for tensor in integers):
        raise Unsupported(f"{arithmetic} changed nothing: no weight became an integer")
    return model


class _Utterances(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, calibration: Sequence[NDArray[np.float32]]) -> None:
        self.left = iter(calibration)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        features = next(self.left, None)
        return None if features is None else {FEATURES: features}


def _static(
    model: onnx.ModelProto, operators: Sequence[str], calibration: Sequence[NDArray[np.float32]]
) -> onnx.ModelProto:
    with _scratch() as file:
        quantize_static(
            model,
            file,
            _Utterances(calibration),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(operators),
            nodes_to_exclude=_without_weights(model),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
        )
        return onnx.load(file)


def _dynamic(model: onnx.ModelProto) -> onnx.ModelProto:
    with _scratch() as file:
        quantize_dynamic(
            model,
            file,
            op_types_to_quantize=list(LINEAR),
            nodes_to_exclude=_without_weights(model),
            per_channel=True,
            weight_type=QuantType.QInt8,
        )
        return onnx.load(file)


def _without_weights(model: onnx.ModelProto) -> list[str]:
    """Names of products whose factors are both activations."""
    constants = {tensor.name for tensor in model.graph.initializer}
    return [
        node.name
        for node in model.graph.node
        if node.op_type in LINEAR and not constants.intersection(node.input)
    ]


@contextmanager
def _scratch() -> Iterator[Path]:
    """A temporary file; within this context the quantiser's log messages are suppressed."""
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder) / "quantised.onnx"
    finally:
        logger.setLevel(level)
