"""Artefacts of ONNX, run by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as errors

from benchmark.compression.chain.subject import Arithmetic
from benchmark.errors import UserError
from benchmark.runtimes.exporting.description import KEY, Description, arithmetic_of, check_seal
from benchmark.runtimes.exporting.graph import FEATURES
from benchmark.runtimes.running.graph import GraphRecogniser

REFUSALS = (errors.Fail, errors.InvalidGraph, errors.InvalidProtobuf, errors.NotImplemented)


def load(path: Path, entries: Callable[[Arithmetic], dict[str, str]]) -> GraphRecogniser:
    """The recogniser of the artefact `path`. Raises UserError if it cannot be read."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{path}: no such artefact") from None
    check_seal(path, content)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = torch.get_num_threads(), 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    for entry in entries(arithmetic_of(content)).items():
        options.add_session_config_entry(*entry)
    del content
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except REFUSALS as error:
        raise UserError(f"{path}: ONNX Runtime refuses it ({error})") from None
    description = Description.parse(path, session.get_modelmeta().custom_metadata_map.get(KEY, ""))

    def infer(features: NDArray[np.float32]) -> NDArray[np.float32]:
        scores: NDArray[np.float32] = session.run(None, {FEATURES: features})[0]
        return scores

    return GraphRecogniser(description, infer)
