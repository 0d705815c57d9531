"""ONNX Runtime's quantiser without its side effect.

Importing it adds a folder to `sys.path` with a module called `benchmark`, which child processes
would import instead of this package.
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
