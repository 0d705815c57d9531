"""The compiler of torch gives what torch gives, at every length."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from subjects import native

from benchmark.compression.chain.subject import Subject
from benchmark.registry import RUNTIMES
from benchmark.runtimes.running.recogniser import Waveform


@pytest.mark.skipif(shutil.which("c++") is None, reason="TorchInductor needs a C++ compiler")
def test_compiled_networks_hear_the_same_alone_and_in_batches(
    make_subject: Callable[..., Subject], waveforms: list[Waveform], tmp_path: Path
) -> None:
    reference = native(make_subject("conv_ctc"), tmp_path)
    compiled = RUNTIMES.make("torch_compiled").load(tmp_path / "native.safetensors", "cpu")
    expected = [transcript.text for transcript in reference.transcribe(waveforms)]
    assert [transcript.text for transcript in compiled.transcribe(waveforms)] == expected
    with torch.inference_mode():
        batch = reference.features(waveforms)
        exact, found = reference.run(batch), compiled.run(batch)
        for i, length in enumerate(exact.lengths.tolist()):
            assert torch.allclose(exact.frames[i, :length], found.frames[i, :length], atol=1e-4)
