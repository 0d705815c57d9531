"""Artefacts of a small untrained network that nevertheless has much to say."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmark.compression.storage.artefact import Artefact, Header, save_artefact
from benchmark.compression.storage.weight import compress
from benchmark.data.features import Features
from benchmark.data.vocabulary import Vocabulary
from benchmark.registry import COMPRESSIONS, MODELS


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def waveforms() -> list[np.ndarray]:
    """Noise through slowly moving band filters, from nothing to two seconds."""
    generator = np.random.default_rng(0)
    made = []
    for length in (16000, 4000, 32000, 300, 24000, 0):
        time = np.arange(length) / 16000
        tone = np.sin(2 * np.pi * (300 + 900 * generator.random()) * time * (1 + time))
        made.append((8000 * tone + generator.normal(0, 800, length)).astype(np.int16))
    return made


@pytest.fixture(scope="module")
def make_artefact(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], tuple[Path, Artefact]]:
    """The path of a saved artefact compressed by a chain, and what it holds in memory."""
    folder = tmp_path_factory.mktemp("artefacts")
    settings: dict[str, object] = {"channels": 64, "blocks": 2}
    vocabulary = Vocabulary("characters", tuple(" abcdefghijklmnopqrstuvwxyz"))
    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        state = MODELS.make("conv_ctc", settings).build(64, len(vocabulary)).state_dict()
    for values in state.values():
        values += 0.1 * torch.randn(values.shape, generator=generator)

    def make(chain: str) -> tuple[Path, Artefact]:
        header = Header(
            model="conv_ctc",
            settings=settings,
            num_features=64,
            vocabulary=vocabulary,
            features=Features(mels=64),
            language="en",
            normaliser="basic-1",
            compression=chain,
        )
        weights = compress(state, [COMPRESSIONS.make(name) for name in chain.split("+")])
        path = folder / f"{chain}.safetensors"
        save_artefact(path, weights, header)
        return path, Artefact(header, {name: weight.values for name, weight in weights.items()})

    return make
