"""Conversion of a subject to the two files of OpenVINO, through its ONNX graph."""

from __future__ import annotations

from pathlib import Path

import openvino

from benchmark.compression.chain.subject import Subject
from benchmark.compression.storage.artefact import Header
from benchmark.errors import Unsupported
from benchmark.runtimes.exporting.description import KEY, seal
from benchmark.runtimes.exporting.file import described


def save(subject: Subject, header: Header, file: Path) -> None:
    """Write `file` (.xml) with its weights beside it (.bin).

    Raises Unsupported if ONNX or OpenVINO cannot express the subject.
    """
    model, description = described(subject, header)
    try:
        graph = openvino.Core().read_model(model.SerializeToString(deterministic=True))
    except RuntimeError as error:
        reason = " ".join(str(error).split())[-200:]
        raise Unsupported(f"OpenVINO cannot read the graph: {reason}") from None
    # Default names contain a counter of the process, which would make files differ.
    for i, operation in enumerate(graph.get_ordered_ops()):
        operation.set_friendly_name(str(i))
    graph.set_rt_info(description.to_text(), KEY)
    openvino.save_model(graph, file, compress_to_fp16=False)
    file.write_bytes(seal(file.read_bytes(), file.with_suffix(".bin").read_bytes()))
