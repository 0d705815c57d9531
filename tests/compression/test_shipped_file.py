"""What is shipped: the same hypotheses in a fresh process, and no more bytes than it must hold."""

import json
import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from listening import BANDS, PICTURES, UNITS, subject

from benchmark.compression.chain.run import compress_subject
from benchmark.compression.storage.artefact import Artefact, header_bytes, save_artefact
from benchmark.compression.storage.weight import compress
from benchmark.data.vocabulary import Vocabulary
from benchmark.registry import COMPRESSIONS
from benchmark.runtimes.running.eager import TorchRecogniser
from benchmark.runtimes.torch import Torch

GROUPS = {"granularity": "group", "group_size": 32, "symmetric": False}
CHAINS = {
    "int4": [("int4", {})],
    "int3 in groups": [("int3", GROUPS)],
    "int4 clipped": [("int4", {"range": "mse"})],
    "int8 percentile": [("int8", {"range": "percentile", "symmetric": False})],
    "int3 gptq": [("int3", {"rounding": "gptq", **GROUPS})],
    "kmeans16": [("kmeans16", {"init": "k-means++"})],
    "fp8": [("fp8", {})],
    "prune50 by layer": [("prune50", {"scope": "layer"})],
    "prune50 by gradient": [("prune50", {"score": "gradient"})],
    "nm+int8": [("nm", {}), ("int8", {})],
    "clip+int4": [("clip", {"percentile": 99}), ("int4", {})],
    "huffman": [("huffman", {})],
    "bf16+huffman": [("bf16", {}), ("huffman", {})],
    "prune50+kmeans16+huffman": [("prune50", {}), ("kmeans16", {}), ("huffman", {})],
}

SCRIPT = """
import json, sys
from pathlib import Path
import numpy as np
from benchmark.runtimes.torch import Torch

waveforms = list(np.load(sys.argv[1]).values())
said = {}
for path in map(Path, sys.argv[2:]):
    transcripts = Torch().load(path, "cpu").transcribe(waveforms)
    said[path.stem] = [transcript.text for transcript in transcripts]
print(json.dumps(said))
"""


def techniques(chain):
    return [COMPRESSIONS.make(name, settings) for name, settings in chain]


HEARD = {
    "conv_ctc": list(CHAINS),
    "conformer_ctc": list(CHAINS),
    "wav2vec2": ["int3 gptq", "prune50 by gradient", "prune50+kmeans16+huffman"],
    PICTURES: ["int4"],
}
"""Which chains are tried on which model."""


@pytest.mark.parametrize("model", HEARD)
def test_a_fresh_process_hears_what_the_model_heard_before_it_was_saved(tmp_path, header, model):
    generator = np.random.default_rng(0)
    waveforms = [
        (3000 * generator.standard_normal(size)).astype(np.int16) for size in (8000, 16000, 5000)
    ]
    np.savez(tmp_path / "speech.npz", *waveforms)
    before = subject(model)
    named = replace(
        header,
        model=model,
        settings=before.architecture.settings,
        num_features=BANDS,
        vocabulary=Vocabulary("characters", tuple("abcdefgh"[:UNITS])),
    )
    expected, paths = {}, []
    for name in HEARD[model]:
        chain = CHAINS[name]
        links = [link for link, _ in chain]
        compressed, _ = compress_subject(subject(model), techniques(chain), links)
        paths.append(tmp_path / f"{name}.safetensors")
        Torch().save(compressed, named, paths[-1])
        values = {key: weight.values for key, weight in compressed.weights.items()}
        recogniser = TorchRecogniser(Artefact(named, values))
        expected[name] = [transcript.text for transcript in recogniser.transcribe(waveforms)]
    command = [sys.executable, "-c", SCRIPT, tmp_path / "speech.npz", *paths]
    output = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert json.loads(output) == expected
    assert all(any(texts) for texts in expected.values())


@pytest.fixture
def layers():
    """Weights of every kind of layer, large enough that tables and scales hardly count."""
    generator = torch.Generator().manual_seed(0)
    shapes = {
        "linear": (192, 384),
        "query": (144, 144),
        "conv1d": (96, 64, 5),
        "depthwise": (1024, 1, 31),
        "conv2d": (64, 32, 3, 3),
    }
    state = {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    return state | {f"{name}.bias": torch.randn(shape[0]) for name, shape in shapes.items()}


def entropy(symbols):
    """Bits of all of `symbols` in the best code that gives each whole or broken bits."""
    counts = np.unique(np.asarray(symbols), return_counts=True)[1]
    return float(-(counts * np.log2(counts / counts.sum())).sum())


def information(name, values):
    """Bits that a matrix must take, by the description of each technique."""
    count, outputs = values.numel(), len(values)
    groups = outputs * math.ceil(count / outputs / 32)
    grid = {"int4": 4, "int4 clipped": 4, "fp8": 8}
    if name in grid:
        return grid[name] * count + 16 * outputs
    if name == "int3 in groups":
        return 3 * count + (16 + 3) * groups
    if name == "kmeans16":
        return 4 * count + 16 * 16
    if name == "prune50 by layer":
        return 32 * round(count / 2) + count
    if name == "nm+int8":
        # A depthwise convolution has one input and stays dense.
        return (8 * count / 2 + count if values.shape[1] > 1 else 8 * count) + 16 * outputs
    if name == "bf16+huffman":
        # The sign and most of the exponent have a distribution, the rest is noise.
        return entropy(values.view(torch.int32) >> 24) + 8 * count
    kept = values != 0
    return entropy(values[kept]) + entropy(kept)


SIZED = [
    "int4", "int4 clipped", "int3 in groups", "kmeans16", "fp8", "prune50 by layer", "nm+int8",
    "bf16+huffman", "prune50+kmeans16+huffman",
]  # fmt: skip


@pytest.mark.parametrize("name", SIZED)
def test_a_file_is_within_five_percent_of_what_it_must_hold(tmp_path, header, layers, name):
    weights = compress(layers, techniques(CHAINS[name]))
    path = tmp_path / "a"
    save_artefact(path, weights, header)
    bias = 32 if name == "prune50 by layer" else 16
    bits = sum(
        information(name, w.values) if w.is_matrix else bias * w.values.numel()
        for w in weights.values()
    )
    held = path.stat().st_size - header_bytes(path)
    assert 0.999 < held / (bits / 8) < 1.05


def test_the_header_is_told_apart(tmp_path, header, layers):
    path = tmp_path / "a"
    save_artefact(path, compress(layers, techniques(CHAINS["int4"])), header)
    data = path.read_bytes()
    assert json.loads(data[8 : header_bytes(path)])["linear#codes"]["dtype"] == "U8"
    assert Torch().header_bytes(path) == header_bytes(path)
