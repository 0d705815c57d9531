"""What the stages that compress have in common: techniques from settings, and a start in a file."""

from __future__ import annotations

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


def techniques(identity: dict[str, Any]) -> list[Compression]:
    """The techniques of a stage, from left to right."""
    chain = identity["compression"]["chain"]
    return [COMPRESSIONS.make(link["name"], link["settings"]) for link in chain]


def names(identity: dict[str, Any]) -> list[str]:
    """What they are called."""
    return [link["name"] for link in identity["compression"]["chain"]]


def when(identity: dict[str, Any]) -> When:
    """When they happen; a stage without any is like all that is compressed afterwards."""
    found: When = identity.get("compression", {}).get("when", "after")
    return found


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
