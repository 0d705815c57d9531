"""Files of stored results stay readable, and what was written before is still the same bytes."""

import hashlib
from dataclasses import replace

import pytest
import torch

from benchmark.compression.storage.artefact import save_artefact
from benchmark.compression.storage.weight import compress
from benchmark.registry import COMPRESSIONS

DIGESTS = {
    "none": "385d02395d45a197",
    "fp16": "edd03c0460c682a0",
    "bf16": "89481cc63e23cd32",
    "int8": "bd31eb7e486a2d7f",
    "int3": "d77cad3265f3d757",
    "prune50": "68ef2e0a2f32bdba",
    "prune60+fp16": "911aa3e3d79cc033",
    "prune90+int4": "cc64b1a3679de9c4",
    "int8+prune50": "c41a8fc72dc6c242",
}


def made(*shape):
    """Weights that are the same on every machine."""
    places = torch.arange(torch.Size(shape).numel(), dtype=torch.int64)
    return (((places * 2654435761 + 12345) % 4001 - 2000).float() / 4096).reshape(shape)


STATE = {
    "linear": made(24, 40),
    "conv1d": made(16, 8, 5),
    "depthwise": made(16, 1, 9),
    "conv2d": made(8, 4, 3, 3),
    "bias": made(24),
    "steps": torch.tensor(7),
}


@pytest.mark.parametrize("chain", DIGESTS)
def test_a_file_is_the_same_bytes_as_ever(tmp_path, header, chain):
    """Digests of files that the first version of the format wrote."""
    weights = compress(STATE, [COMPRESSIONS.make(name) for name in chain.split("+")])
    save_artefact(tmp_path / "a", weights, replace(header, compression=chain))
    assert hashlib.sha256((tmp_path / "a").read_bytes()).hexdigest()[:16] == DIGESTS[chain]
