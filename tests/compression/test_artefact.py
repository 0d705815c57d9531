"""An artefact holds exactly the weights that were saved, in as few bytes as it claims."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors.torch import save_file

from benchmark.compression.storage.artefact import load_artefact, save_artefact
from benchmark.compression.storage.weight import compress
from benchmark.errors import UserError
from benchmark.registry import COMPRESSIONS

CHAINS = [
    "none", "fp16", "bf16", "int8", "int5", "int2", "prune50", "prune90", "prune50+int8",
    "prune30+fp16", "int8+prune50", "prune90+int4", "clip+int4", "int4+bf16", "int8+int4",
    "kmeans16", "kmeans5", "kmeans256", "prune50+kmeans16", "fp8", "prune70+fp8", "fp8+prune50",
    "nm", "nm+int4", "huffman", "bf16+huffman", "int4+huffman", "prune90+huffman",
    "prune50+kmeans16+huffman", "prune90+int4+huffman", "fp8+huffman", "nm+int8+huffman",
]  # fmt: skip


def techniques(chain):
    return [COMPRESSIONS.make(name) for name in chain.split("+")]


def saved(path, state, chain, header):
    weights = compress(state, techniques(chain))
    save_artefact(path, weights, replace(header, compression=chain))
    return weights


def same_bits(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.numpy().tobytes() == b.numpy().tobytes()


@pytest.mark.parametrize("chain", CHAINS)
def test_weights_come_back_bit_for_bit(tmp_path, state, header, chain):
    weights = saved(tmp_path / "a", state, chain, header)
    loaded = load_artefact(tmp_path / "a")
    assert loaded.header == replace(header, compression=chain)
    assert loaded.weights.keys() == weights.keys()
    assert all(same_bits(loaded.weights[name], weights[name].values) for name in weights)


@pytest.mark.parametrize("chain", CHAINS)
def test_encodings_come_back_so_that_the_file_can_be_written_again(tmp_path, state, header, chain):
    weights = saved(tmp_path / "a", state, chain, header)
    loaded = load_artefact(tmp_path / "a")
    assert loaded.encoded.keys() == weights.keys()
    for name, weight in loaded.encoded.items():
        assert type(weight.encoding) is type(weights[name].encoding)
        moved = weight.values * 1.01
        assert same_bits(weight.encoding.nearest(moved), weights[name].encoding.nearest(moved))
    save_artefact(tmp_path / "b", loaded.encoded, loaded.header)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


values = st.floats(-(2.0**100), 2.0**100, width=32)
shapes = arrays.array_shapes(min_dims=1, max_dims=4, max_side=5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    array=arrays.arrays("float32", shapes, elements=st.one_of(values, st.just(0.0), st.just(-0.0))),
    chain=st.sampled_from(["none", "bf16", "prune50", "prune90", "huffman", "bf16+huffman"]),
)
def test_any_values_come_back_bit_for_bit(tmp_path, header, array, chain):
    weights = saved(tmp_path / "a", {"w": torch.from_numpy(array)}, chain, header)
    assert same_bits(load_artefact(tmp_path / "a").weights["w"], weights["w"].values)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    array=arrays.arrays(
        "float32", arrays.array_shapes(min_dims=2, max_dims=4, max_side=5), elements=values
    ),
    bits=st.integers(2, 8),
    percent=st.integers(1, 99),
    group=st.sampled_from(
        [{"granularity": "tensor"}, {"granularity": "channel"}]
        + [{"granularity": "group", "group_size": size} for size in (2, 3, 7, 32)]
    ),
    settings=st.fixed_dictionaries(
        {
            "symmetric": st.booleans(),
            "range": st.sampled_from(["max", "percentile", "mse"]),
        }
    ),
)
def test_any_quantised_values_come_back_bit_for_bit(
    tmp_path, header, array, bits, percent, group, settings
):
    grid = COMPRESSIONS.make(f"int{bits}", group | settings)
    prune = COMPRESSIONS.make(f"prune{percent}")
    huffman = COMPRESSIONS.make("huffman")
    for chain in ([grid], [prune, grid], [grid, prune], [prune, grid, huffman]):
        weights = compress({"w": torch.from_numpy(array)}, chain)
        save_artefact(tmp_path / "a", weights, header)
        assert same_bits(load_artefact(tmp_path / "a").weights["w"], weights["w"].values)


@pytest.mark.parametrize(
    ("chain", "ratio"),
    [
        ("fp16", 1 / 2), ("bf16", 1 / 2), ("int8", 1 / 4), ("int6", 6 / 32), ("int4", 1 / 8),
        ("int3", 3 / 32), ("prune50", 0.5 + 1 / 32), ("prune50+int8", 1 / 8 + 1 / 32),
        ("fp8", 1 / 4), ("kmeans16", 4 / 32), ("kmeans5", 3 / 32), ("prune50+kmeans16", 3 / 32),
    ],
)  # fmt: skip
def test_a_file_is_as_small_as_its_bits(tmp_path, state, header, chain, ratio):
    saved(tmp_path / "none", state, "none", header)
    saved(tmp_path / "small", state, chain, header)
    none, small = (tmp_path / "none").stat().st_size, (tmp_path / "small").stat().st_size
    assert ratio <= small / none < ratio + 0.03


@pytest.mark.parametrize("chain", ["prune1", "int2", "prune1+int8"])
def test_zeros_are_left_out_only_where_that_saves_bytes(tmp_path, state, header, chain):
    saved(tmp_path / "pruned", state, chain, header)
    dense = chain.removeprefix("prune1+").replace("prune1", "none")
    saved(tmp_path / "dense", state, dense, header)
    assert (tmp_path / "pruned").stat().st_size <= (tmp_path / "dense").stat().st_size + 32


def test_the_same_artefact_is_the_same_bytes_in_another_process(tmp_path, header):
    script = (
        "import sys, torch; from pathlib import Path\n"
        "from benchmark.compression.storage.artefact import Header, load_artefact, save_artefact\n"
        "from benchmark.compression.storage.weight import weights_of\n"
        "a = load_artefact(Path(sys.argv[1]))\n"
        "save_artefact(Path(sys.argv[2]), weights_of(a.weights), a.header)\n"
    )
    one, two = tmp_path / "one", tmp_path / "two"
    saved(one, {"b": torch.randn(7), "a": torch.randn(3, 5)}, "none", header)
    subprocess.run([sys.executable, "-c", script, one, two], check=True)
    assert one.read_bytes() == two.read_bytes()


def test_an_uncompressed_artefact_is_an_ordinary_safetensors_file(tmp_path, state, header):
    from safetensors.torch import load_file

    saved(tmp_path / "a", state, "none", header)
    loaded = load_file(tmp_path / "a")
    assert all(torch.equal(loaded[name], state[name]) for name in state)


def test_one_changed_byte_is_noticed_anywhere_in_the_file(tmp_path, header):
    path = tmp_path / "a"
    saved(path, {"w": torch.randn(4, 4), "b": torch.randn(4)}, "int4", header)
    original = path.read_bytes()
    for position in range(0, len(original), 7):
        damaged = bytearray(original)
        damaged[position] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(UserError) as caught:
            load_artefact(path)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x80\x04\x95pickle" * 9, b"\xff" * 64])
def test_a_foreign_file_is_a_user_error(tmp_path, content):
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(UserError, match="not a safetensors file"):
        load_artefact(path)


def test_a_truncated_file_is_a_user_error(tmp_path, state, header):
    path = tmp_path / "a"
    saved(path, state, "int8", header)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(UserError, match="damaged"):
        load_artefact(path)


def test_other_files_and_formats_are_named_for_what_they_are(tmp_path):
    path = tmp_path / "a"
    with pytest.raises(UserError, match="no such artefact"):
        load_artefact(path)
    save_file({"w": torch.zeros(1)}, path)
    with pytest.raises(UserError, match="not an artefact of this benchmark"):
        load_artefact(path)
    save_file({"w": torch.zeros(1)}, path, metadata={"benchmark": json.dumps({"format": 99})})
    with pytest.raises(UserError, match="artefact format 99"):
        load_artefact(path)
