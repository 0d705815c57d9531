"""A network with other layers than its model's is built again from its file."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from spoken import Spoken, adaptation, architecture, loss, scores, subject, support, technique

from benchmark.compression.chain.run import compress_subject
from benchmark.compression.storage.artefact import save_artefact
from benchmark.compression.structure.drop import Drop
from benchmark.compression.structure.edits import from_json, to_json
from benchmark.compression.structure.factorise import Factorise
from benchmark.compression.structure.resize import Resize
from benchmark.methods.learning.adaptation import fine_tune
from benchmark.models.networks.frames import FrameConv

EDITS = (
    Drop("blocks", 1),
    Factorise("blocks.0.expand", 3),
    Resize("blocks.0.norm", {"normalized_shape": 20}),
)

READ = """
import sys
from pathlib import Path
import numpy as np, torch
from benchmark.data.batch import Batch
from benchmark.runtimes.running.eager import TorchRecogniser
torch.set_num_threads(1)
for place in sys.argv[1:]:
    features = torch.from_numpy(np.load(place + ".speech.npy"))
    lengths = torch.full((len(features),), features.shape[1])
    batch = Batch(features, lengths, torch.zeros(len(features), 0), torch.zeros(len(features)))
    recogniser = TorchRecogniser.load(Path(place))
    with torch.inference_mode():
        np.save(place + ".scores.npy", recogniser.run(batch).frames.numpy())
"""

CHAINS = {
    "conv_ctc": [
        "svd50", "structured30", "layer_drop1", "prune70+refit", "int8+refit", "distil",
        "structured30+svd50+refit+prune50+int8",
    ],
    "conformer_ctc": ["svd50", "structured30", "layer_drop2", "layer_drop1+structured50+int4"],
    "keyword_cnn": ["structured50+int8"],
}  # fmt: skip
SETTINGS = {
    "refit": {"gradients": 16},
    "distil": {"student": {"channels": 8, "blocks": 1}, "gradients": 16},
}


def chained(start, chain):
    names = chain.split("+")
    techniques = [technique(name, **SETTINGS.get(name, {})) for name in names]
    return compress_subject(start, techniques, names).subject


def test_a_fresh_process_computes_exactly_what_every_compressed_network_did(tmp_path, header):
    places, here = [], []
    for model, chains in CHAINS.items():
        for chain in chains:
            mels = architecture(model).num_features
            start = subject(model, support=support(Spoken(16, mels=mels), Spoken(16, 1, mels)))
            made = chained(start, chain)
            place = tmp_path / f"{model}-{chain}"
            shape = made.architecture
            fields = {"model": model, "settings": shape.settings, "num_features": mels}
            edits = tuple(to_json(shape.edits))
            save_artefact(place, made.weights, replace(header, **fields, edits=edits))
            task = Spoken(4, seed=2, mels=mels)
            np.save(f"{place}.speech.npy", task.features.numpy())
            here.append(scores(made.network(), task).numpy())
            places.append(str(place))
    subprocess.run([sys.executable, "-c", READ, *places], check=True)
    for place, expected in zip(places, here, strict=True):
        found = np.load(f"{place}.scores.npy")
        assert np.array_equal(found, expected), place
        assert len(np.unique(expected)) >= 16, "a network that says nothing would prove nothing"


def test_edits_come_back_from_json():
    assert from_json(json.loads(json.dumps(to_json(EDITS)))) == EDITS


@pytest.mark.parametrize(
    "value",
    [
        {"edit": "run", "module": "blocks"},
        {"edit": "factorise", "module": "blocks.0.expand", "rank": 0},
        {"edit": "resize", "module": "norm", "widths": {"forward": 3}},
        {"edit": "resize", "module": "norm", "widths": {"normalized_shape": -1}},
    ],
)
def test_edits_that_a_file_may_not_hold_are_refused(value):
    with pytest.raises(ValueError, match="validation error"):
        from_json([value])


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (Drop("blocks", 7), "no member 7"),
        (Drop("norm", 0), "no member 0"),
        (Factorise("blocks.0.depthwise", 2), "neither a linear layer nor a pointwise"),
        (Resize("norm", {"heads": 2}), "has no heads"),
    ],
)
def test_an_edit_that_does_not_fit_the_network_says_why(edit, reason):
    with pytest.raises(ValueError, match=reason):
        architecture("conv_ctc").edited(edit).build()


def test_an_edited_network_learns_and_can_take_new_units():
    factorised = technique("svd50").compress(subject("conformer_ctc"))
    network, task = technique("structured30").compress(factorised).network(), Spoken(16)
    network.grow(7)
    before = loss(network, task)
    fine_tune(adaptation(network, task, 64), 8)
    assert loss(network, task) < before


@pytest.mark.parametrize(
    ("layer", "points"),
    [
        (torch.nn.Conv1d(6, 8, 1, stride=2), (2, 6, 9)),
        (torch.nn.Conv2d(6, 8, 1, stride=(1, 2), bias=False), (2, 6, 4, 9)),
        (FrameConv(6, 8, 1, stride=2), (2, 9, 6)),
    ],
)
def test_a_pointwise_convolution_of_full_rank_is_the_same_as_two(layer, points):
    from benchmark.compression.svd import factorise

    network = architecture("conv_ctc").build()
    network.extra = layer
    speech = torch.randn(points)
    with torch.no_grad():
        expected = layer(speech)
        Factorise("extra", 6).apply(network)
        left, right = factorise(layer.weight.flatten(1), 6)
        first, second = network.extra
        first.weight.copy_(right.view_as(first.weight))
        second.weight.copy_(left.view_as(second.weight))
        if layer.bias is not None:
            second.bias.copy_(layer.bias)
        assert torch.allclose(network.extra(speech), expected, atol=1e-5)
