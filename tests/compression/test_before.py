"""An initialisation that is compressed first keeps what was settled, down to the bytes."""

from dataclasses import replace

import pytest
import torch
from safetensors import safe_open
from spoken import Spoken, adaptation, subject, technique

from benchmark.compression.chain.before import (
    belongs_to,
    compress_body,
    compress_late,
    late_parameters,
)
from benchmark.compression.chain.chain import Chain
from benchmark.compression.constraints.constrained import constrained
from benchmark.compression.constraints.preserve import preserving_constraints
from benchmark.compression.storage.artefact import load_artefact, save_artefact
from benchmark.compression.storage.weight import weights_of
from benchmark.compression.structure.drop import Drop
from benchmark.compression.structure.edits import to_json
from benchmark.methods.learning.adaptation import fine_tune
from benchmark.registry import METHODS


def parts(path):
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


@pytest.mark.parametrize(
    "chain", ["int4", "prune50", "prune50+int8", "svd50+int4", "structured30+prune50", "fp16"]
)
def test_the_body_keeps_its_codes_and_zeros_while_it_learns_new_units(tmp_path, header, chain):
    names = chain.split("+")
    techniques = [technique(name) for name in names]
    start = subject("conv_ctc", taught=80)
    small = compress_body(start, techniques, names).subject
    shape = small.architecture
    fields = {"model": shape.model, "settings": shape.settings, "num_features": shape.num_features}
    header = replace(header, **fields, edits=tuple(to_json(shape.edits)))
    save_artefact(tmp_path / "start", small.weights, header)
    artefact = load_artefact(tmp_path / "start")
    network = small.network()
    late = late_parameters(network)
    assert late == {"output.weight", "output.bias"}
    assert torch.equal(artefact.weights["output.bias"], start.weights["output.bias"].values)
    network.grow(6)
    limits = preserving_constraints({n: w for n, w in artefact.encoded.items() if n not in late})
    with constrained(limits, adaptation(network, Spoken(16), 48)) as limited:
        fine_tune(limited, 8)
    adapted = replace(
        small,
        architecture=replace(shape, num_units=6),
        weights=weights_of(network.state_dict()),
    )
    final = compress_late(adapted, artefact.encoded, techniques)
    save_artefact(tmp_path / "final", final.weights, header)
    before, after = parts(tmp_path / "start"), parts(tmp_path / "final")
    settled_parts = [n for n in before if n.endswith(("#codes", "#mask", "#scale"))]
    assert bool(settled_parts) == (chain != "fp16")
    for name in settled_parts:
        assert torch.equal(before[name], after[name]), name
    assert any(name.startswith("output.weight") for name in after)
    if "int" in chain:
        assert "output.weight#codes" in after
        assert "output.weight#codes" not in before
    for name in final.weights.keys() - late:
        assert type(final.weights[name].encoding) is type(small.weights[name].encoding)
    free = [n for n in final.weights.keys() - late if n.endswith("bias")]
    assert not all(torch.equal(final.weights[n].values, artefact.weights[n]) for n in free)


def test_adapters_wait_as_the_output_layer_does():
    start = subject("conv_ctc", adapter=4, taught=40)
    small = compress_body(start, [technique("int4")], ["int4"]).subject
    network = small.network()
    held = {n: w for n, w in small.weights.items() if n not in late_parameters(network)}
    with constrained(preserving_constraints(held), adaptation(network, Spoken(16), 48)) as limited:
        METHODS.make("adapter").adapt(limited)
    assert all(adapter.up.weight.any() for adapter in network.adapters())
    codes = {n: w for n, w in held.items() if w.is_matrix}
    assert all(torch.equal(network.state_dict()[n], w.values) for n, w in codes.items())


def test_what_was_learnt_for_a_layer_is_known_by_its_name():
    edits = [Drop("blocks", 2)]
    assert belongs_to("step_size/blocks.0.expand.weight", edits)
    assert belongs_to("blocks.1.norm.parametrizations.weight.0.generator", edits)
    assert not belongs_to("step_size/norm.weight", edits)
    assert not belongs_to("prototypes/scale", edits)


@pytest.mark.parametrize(
    ("chain", "when", "method", "reason"),
    [
        ("int4", "before", "scratch", "no initialisation"),
        ("prune50+refit", "before", "joint", "refit learns from the support set"),
        (
            "svd50+int4",
            "during",
            "joint",
            "svd50 cannot be part of adaptation: it does not support",
        ),
        ("int4", "before", "joint", None),
        ("prune50+int4+huffman", "during", "scratch", None),
        ("prune50+refit", "after", "scratch", None),
    ],
)
def test_a_time_that_makes_no_sense_is_said_in_the_plan(chain, when, method, reason):
    names = tuple(chain.split("+"))
    found = Chain(tuple(map(technique, names)), names, when).wrong_time(METHODS.make(method))
    assert found is None if reason is None else reason in found
