"""Small networks with much to say, and speech-like noise to say it of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import pytest
import torch
from subjects import VOCABULARY

from benchmark.compression.chain.subject import Subject
from benchmark.compression.storage.weight import weights_of
from benchmark.compression.structure.architecture import Architecture
from benchmark.compression.structure.edits import Edit
from benchmark.registry import MODELS
from benchmark.runtimes.running.recogniser import Waveform

SETTINGS: dict[str, dict[str, object]] = {
    "conv_ctc": {"channels": 32, "blocks": 2, "kernel": 5},
    "conformer_ctc": {"dim": 32, "blocks": 2, "heads": 2, "ff": 48, "kernel": 5},
    "keyword_cnn": {},
    "wav2vec2": {"dim": 32, "layers": 2, "heads": 2, "ff": 48, "conv": 16},
}


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def waveforms() -> list[Waveform]:
    """Sweeps in noise, from nothing to two seconds; some shorter than a window."""
    generator = np.random.default_rng(0)
    made = []
    for length in (16000, 4000, 32000, 300, 24000, 0, 0, 9000):
        time = np.arange(length) / 16000
        tone = np.sin(2 * np.pi * (300 + 900 * generator.random()) * time * (1 + time))
        made.append((8000 * tone + generator.normal(0, 800, length)).astype(np.int16))
    return made


@pytest.fixture(scope="session")
def make_subject() -> Callable[..., Subject]:
    """An adapted network of a model, perhaps with edits."""

    def make(model: str, *edits: Edit) -> Subject:
        settings = asdict(MODELS.make(model, SETTINGS[model]))
        architecture = Architecture(model, settings, 64, len(VOCABULARY), edits)
        generator = torch.Generator().manual_seed(0)
        torch.manual_seed(0)
        network = architecture.build()
        with torch.no_grad():
            for values in network.parameters():
                values += 0.05 * torch.randn(values.shape, generator=generator)
        return Subject(architecture, weights_of(network.state_dict()))

    return make
