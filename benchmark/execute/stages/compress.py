"""Make the file that would be shipped."""

from __future__ import annotations

from typing import Any

from benchmark.compression.storage.artefact import Header, save_artefact
from benchmark.compression.storage.weight import compress
from benchmark.data.features import Features
from benchmark.execute.job import Context
from benchmark.execute.networks import read_weights, vocabulary
from benchmark.execute.stages import ARTEFACT
from benchmark.registry import COMPRESSIONS


def run(context: Context) -> dict[str, Any]:
    identity = context.identity
    chain = identity["compression"]["chain"]
    techniques = [COMPRESSIONS.make(link["name"], link["settings"]) for link in chain]
    weights = compress(read_weights(context.output(identity["adapted"])), techniques)
    path = context.folder / ARTEFACT
    save_artefact(
        path,
        weights,
        Header(
            model=identity["model"]["name"],
            settings=identity["model"]["settings"],
            num_features=identity["features"]["mels"],
            vocabulary=vocabulary(identity),
            features=Features(**identity["features"]),
            language=identity["language"],
            normaliser=identity["normaliser"],
            compression="+".join(link["name"] for link in chain),
        ),
    )
    return {
        "size_bytes": path.stat().st_size,
        "parameters": sum(weight.values.numel() for weight in weights.values()),
        "nonzero_parameters": sum(
            int(weight.values.count_nonzero()) for weight in weights.values()
        ),
    }
