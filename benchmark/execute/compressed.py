"""What the stages that compress have in common: techniques from settings, and a start in a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark.compression.base import Compression
from benchmark.compression.chain.before import late_parameters
from benchmark.compression.chain.chain import When
from benchmark.compression.constraints.constrained import WeightConstraints
from benchmark.compression.constraints.preserve import preserving_constraints
from benchmark.compression.storage.artefact import Artefact, load_artefact
from benchmark.models.networks.base import SpeechNetwork
from benchmark.registry import COMPRESSIONS
from benchmark.runtimes.base import ARTEFACT


def techniques(compression: Mapping[str, Any]) -> list[Compression]:
    """The techniques of a chain, from left to right; chains are identities of `Chain`."""
    return [COMPRESSIONS.rebuild(link) for link in compression["chain"]]


def names(compression: Mapping[str, Any]) -> list[str]:
    """What they are called."""
    return [link["name"] for link in compression["chain"]]


def when(compression: Mapping[str, Any] | None) -> When:
    """When they happen; a stage without any is like all that is compressed afterwards."""
    time: When = (compression or {}).get("when", "after")
    return time


def start_file(folder: Path) -> Path:
    """The compressed initialisation in the folder of a `compress_start` stage."""
    return folder / f"{ARTEFACT}.safetensors"


def read_start(folder: Path) -> Artefact:
    """That initialisation."""
    return load_artefact(start_file(folder))


def compressed_start(folder: Path) -> tuple[SpeechNetwork, WeightConstraints]:
    """The network of a compressed initialisation, and what is settled of its body."""
    artefact = read_start(folder)
    network = artefact.header.architecture().build()
    network.load_state_dict(artefact.weights)
    late = late_parameters(network)
    return network, preserving_constraints(
        {n: w for n, w in artefact.encoded.items() if n not in late}
    )
