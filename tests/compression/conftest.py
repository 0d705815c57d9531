"""A network's weights with every kind of layer that the benchmark's models have."""

import pytest
import torch
from torch import Tensor, nn

from benchmark.compression.storage.artefact import Header
from benchmark.data.features import Features
from benchmark.data.vocabulary import Vocabulary


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def state() -> dict[str, Tensor]:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv1d(64, 96, 5),
        nn.BatchNorm1d(96),
        nn.Conv1d(96, 96, 11, groups=96),
        nn.Conv1d(96, 384, 1),
        nn.Conv2d(4, 8, 3),
        nn.LayerNorm(384),
        nn.Linear(384, 192),
        nn.Linear(192, 60),
    )
    return network.state_dict()


@pytest.fixture
def header() -> Header:
    return Header(
        model="conv_ctc",
        settings={"channels": 8, "dropout": 0.1},
        num_features=64,
        vocabulary=Vocabulary("characters", (" ", "a", "\u00e9", "\u0b95\u0bcd")),
        features=Features(mels=64),
        language="ta",
        normaliser="basic-1",
        compression="none",
    )
