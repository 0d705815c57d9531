"""Export of an architecture as an ONNX graph without weights.

The graph depends only on the architecture, and exporting takes seconds. So it is exported once per
process and filled with the weights of each artefact.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import lru_cache

import numpy as np
import onnx
import onnx_ir
import torch
from torch import Tensor, nn

from benchmark.compression.structure.architecture import Architecture
from benchmark.compression.structure.edits import from_json
from benchmark.data.batch import Batch
from benchmark.data.features import InputType
from benchmark.errors import Unsupported
from benchmark.models.networks.base import SpeechNetwork

FEATURES, SCORES = "features", "scores"
"""The input (1, T, F) and the output (1, T', C) of every graph."""

OPSET = 21
"""The first version with 4-bit integers."""

EXAMPLE_FRAMES: dict[InputType, int] = {"log_mel": 200, "waveform": 16_000}
"""Length of the utterance with which a network is traced."""


class OneUtterance(nn.Module):
    """A network as a function from the features of one utterance to its scores."""

    def __init__(self, network: SpeechNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, features: Tensor) -> Tensor:
        """Features (1, T, F) to scores (1, T', C), without padding."""
        lengths = torch.full((1,), features.shape[1], dtype=torch.int64)
        nothing = torch.zeros(1, 0, dtype=torch.int64)
        return self.network.scores(Batch(features, lengths, nothing, lengths)).frames


def graph_of(architecture: Architecture) -> onnx.ModelProto:
    """The graph of a network for one utterance of any length.

    Its inputs are the features and every tensor of the network's `state_dict`, by name.
    Raises Unsupported if the network cannot be exported.
    """
    made = onnx.ModelProto()
    made.CopyFrom(_exported(json.dumps(asdict(architecture), sort_keys=True)))
    return made


@lru_cache(maxsize=16)
def _exported(described: str) -> onnx.ModelProto:
    fields = json.loads(described)
    architecture = Architecture(**{**fields, "edits": from_json(fields["edits"])})
    module = OneUtterance(architecture.build().eval())
    input_type = architecture.input_type
    num_features = 1 if input_type == "waveform" else architecture.num_features
    example = torch.zeros(1, EXAMPLE_FRAMES[input_type], num_features)
    try:
        with torch.no_grad(), _quiet():
            program = torch.onnx.export(
                module,
                (example,),
                input_names=[FEATURES],
                output_names=[SCORES],
                opset_version=OPSET,
                dynamo=True,
                external_data=False,
                dynamic_shapes=({1: torch.export.Dim.DYNAMIC},),
                optimize=False,
                verbose=False,
            )
            assert program is not None
            _hide_weights(program.model)
            program.optimize()
            model = program.model_proto
    except torch.onnx.OnnxExporterError as error:
        reason = " ".join(str(error.__cause__ or error).split())[:200]
        raise Unsupported(f"{architecture.model} cannot be exported to ONNX: {reason}") from None
    _drop_masks(model.graph)
    _strip(model)
    return model


def _hide_weights(model: onnx_ir.Model) -> None:
    """Make weights inputs of the graph, so that no optimisation touches them."""
    graph = model.graph
    for name in [name for name in graph.initializers if name.startswith("network.")]:
        value = graph.initializers.pop(name)
        value.const_value = None
        value.name = name.removeprefix("network.")
        graph.inputs.append(value)


def _drop_masks(graph: onnx.GraphProto) -> None:
    """Remove `where` nodes with constant conditions: a single utterance has no masked frames."""
    constants = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    same: dict[str, str] = {}
    for node in list(graph.node):
        for i, name in enumerate(node.input):
            node.input[i] = same.get(name, name)
        if node.op_type == "Where" and not constants.get(node.input[0], np.ones(1)).any():
            same[node.output[0]] = node.input[2]
            graph.node.remove(node)


def _strip(model: onnx.ModelProto) -> None:
    """Remove traces of the export, such as source lines and paths of this machine."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.initializer):
        part.doc_string = ""
        del part.metadata_props[:]
    del graph.value_info[:]


@contextmanager
def _quiet() -> Iterator[None]:
    """Within this context the exporter's warnings, which do not concern users, are suppressed."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
