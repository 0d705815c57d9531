"""ONNX Runtime's quantiser without its side effect.

Importing it puts a folder on `sys.path` that has a module called `benchmark`, which processes
started later would take for this package.
"""

import sys

_path = list(sys.path)

from onnxruntime.quantization import (  # noqa: E402
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)

sys.path[:] = _path

__all__ = [
    "CalibrationDataReader",
    "CalibrationMethod",
    "QuantFormat",
    "QuantType",
    "quantize_dynamic",
    "quantize_static",
]
