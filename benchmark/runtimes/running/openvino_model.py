"""Artefacts of OpenVINO."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openvino
import torch
from numpy.typing import NDArray

from benchmark.compression.chain.subject import Arithmetic
from benchmark.errors import UserError
from benchmark.runtimes.exporting.description import KEY, Description, check_seal
from benchmark.runtimes.exporting.graph import FEATURES, SCORES
from benchmark.runtimes.running.graph import GraphRecogniser


def load(path: Path, options: Callable[[Arithmetic], dict[str, str]]) -> GraphRecogniser:
    """The recogniser of the artefact `path`. Raises UserError if it cannot be read."""
    try:
        check_seal(path, path.read_bytes(), path.with_suffix(".bin").read_bytes())
    except FileNotFoundError as error:
        raise UserError(f"{error.filename}: no such artefact") from None
    core = openvino.Core()
    try:
        model = core.read_model(path)
        description = Description.parse(path, model.get_rt_info(KEY).value)
        threads = {"INFERENCE_NUM_THREADS": str(torch.get_num_threads())}
        compiled = core.compile_model(model, "CPU", options(description.arithmetic) | threads)
    except RuntimeError as error:
        raise UserError(f"{path}: OpenVINO refuses it ({' '.join(str(error).split())})") from None
    request = compiled.create_infer_request()

    def infer(features: NDArray[np.float32]) -> NDArray[np.float32]:
        request.infer({FEATURES: features})
        scores: NDArray[np.float32] = request.get_tensor(SCORES).data.copy()
        return scores

    return GraphRecogniser(description, infer)
