"""Pretrained encoders are heard as their authors' code runs them, and stay plain networks."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_checkpoints import LAYER_NORM, save_checkpoint
from torch import Tensor

from benchmark.axis import SettingError
from benchmark.compression.storage.artefact import Header, save_artefact
from benchmark.compression.storage.weight import weights_of
from benchmark.data.batch import Batch
from benchmark.data.features import Features
from benchmark.data.vocabulary import Vocabulary
from benchmark.errors import DataError, UserError
from benchmark.measure.quiet import probe
from benchmark.models.networks.base import SpeechNetwork
from benchmark.models.wav2vec2 import Wav2Vec2
from benchmark.registry import MODELS
from benchmark.runtimes.running.eager import TorchRecogniser

KINDS: dict[str, dict[str, Any]] = {
    "as the base models": {},
    "as the large models": LAYER_NORM,
    "hubert": {"cls": "HubertModel"},
    "hubert, large": {"cls": "HubertModel", **LAYER_NORM},
    "with layers for pretraining": {"cls": "Wav2Vec2ForPreTraining"},
    "fine-tuned": {"cls": "Wav2Vec2ForCTC", **LAYER_NORM},
    "with attention adapters": {"cls": "Wav2Vec2ForCTC", **LAYER_NORM, "adapter_attn_dim": 4},
}


def learner(folder: Path, **settings: Any) -> SpeechNetwork:
    """The network that learning starts from."""
    model = Wav2Vec2(checkpoint=str(folder), **settings).pinned(folder)
    return model.initial(64, 6).eval()


def batch_of(waveform: Tensor) -> Batch:
    nothing = torch.zeros(1, 0, dtype=torch.int64)
    lengths = torch.tensor([waveform.shape[1]])
    return Batch(waveform[:, :, None], lengths, nothing, torch.zeros(1, dtype=torch.int64))


@pytest.mark.parametrize("kind", KINDS)
def test_hidden_frames_are_those_of_transformers(kind: str, tmp_path: Path) -> None:
    theirs = save_checkpoint(tmp_path, **KINDS[kind])
    theirs = getattr(theirs, theirs.base_model_prefix, theirs)
    waveform = torch.randn(1, 9_000, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = theirs(waveform).last_hidden_state
        frames, lengths = learner(tmp_path).encode(batch_of(waveform))
    assert lengths.tolist() == [expected.shape[1]]
    torch.testing.assert_close(frames, expected, rtol=1e-4, atol=1e-4)


def test_the_sizes_and_the_kind_of_a_checkpoint_become_settings(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, cls="HubertModel", hidden_size=32)
    pinned = Wav2Vec2(checkpoint=str(tmp_path)).pinned(Path())
    assert (pinned.dim, pinned.layers, pinned.heads, pinned.ff, pinned.conv) == (32, 2, 2, 24, 8)
    assert pinned.config["model_type"] == "hubert"
    assert pinned.pinned(Path()) == pinned


def test_convolutions_over_samples_learn_only_if_asked_to(tmp_path: Path) -> None:
    save_checkpoint(tmp_path)
    for freeze in (True, False):
        network = learner(tmp_path, freeze_features=freeze)
        still = {name for name, p in network.named_parameters() if not p.requires_grad}
        assert bool(still) == freeze
        assert all(name.startswith("convolutions.") for name in still)


def test_training_is_not_random(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, **LAYER_NORM)
    network = learner(tmp_path).train()
    batch = batch_of(torch.randn(1, 9_000))
    batch.targets, batch.target_lengths = torch.tensor([[1, 2, 3]]), torch.tensor([3])
    assert network.loss(batch).item() == network.loss(batch).item()


def test_an_utterance_shorter_than_a_frame_is_heard(tmp_path: Path) -> None:
    save_checkpoint(tmp_path)
    frames, lengths = learner(tmp_path).encode(batch_of(torch.randn(1, 100)))
    assert lengths.tolist() == [1] and frames.isfinite().all()


def test_every_weight_is_plain(tmp_path: Path) -> None:
    save_checkpoint(tmp_path)
    names = learner(tmp_path).state_dict().keys()
    assert "positions.conv.weight" in names
    assert not [name for name in names if "parametrizations" in name or name.endswith("_g")]


def test_an_artefact_needs_no_checkpoint(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "checkpoint")
    model = Wav2Vec2(checkpoint=str(tmp_path / "checkpoint")).pinned(Path())
    network = model.initial(64, 3)
    header = Header(
        model="wav2vec2",
        settings=MODELS.identity("wav2vec2", model)["settings"],
        num_features=64,
        vocabulary=Vocabulary("characters", (" ", "a", "b")),
        features=Features(),
        language="nl",
        normaliser="basic-1",
        compression="none",
    )
    file = tmp_path / "artefact.safetensors"
    save_artefact(file, weights_of(network.state_dict()), header)
    shutil.rmtree(tmp_path / "checkpoint")
    assert str(tmp_path).encode() not in file.read_bytes()
    waveforms = [probe(1.0), probe(0.3)]
    expected = TorchRecogniser.load(file).transcribe(waveforms)
    code = (
        "import sys; from pathlib import Path\n"
        "from benchmark.measure.quiet import probe\n"
        "from benchmark.runtimes.running.eager import TorchRecogniser\n"
        "heard = TorchRecogniser.load(Path(sys.argv[1])).transcribe([probe(1.0), probe(0.3)])\n"
        "print([transcript.text for transcript in heard])"
    )
    done = subprocess.run([sys.executable, "-c", code, file], capture_output=True, text=True)
    assert done.stdout.strip() == str([transcript.text for transcript in expected]), done.stderr


def test_it_can_be_exported_for_any_number_of_samples(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, num_hidden_layers=1)
    network = learner(tmp_path)

    class Scores(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, features: Tensor) -> Tensor:
            return self.network.scores(batch_of(features[:, :, 0])).frames

    samples = torch.export.Dim.DYNAMIC
    example = (torch.randn(1, 8_000, 1),)
    exported = torch.export.export(Scores(), example, dynamic_shapes=({1: samples},)).module()
    for length in (1_000, 16_000, 23_456):
        features = torch.randn(1, length, 1)
        torch.testing.assert_close(exported(features), Scores()(features))


def test_a_size_beside_a_checkpoint_and_a_width_that_heads_cannot_share_are_refused() -> None:
    with pytest.raises(SettingError, match="a checkpoint has its own layers"):
        MODELS.make("wav2vec2", {"checkpoint": "facebook/wav2vec2-base", "layers": 2})
    with pytest.raises(SettingError, match="dim = 40 is no multiple of 16"):
        MODELS.make("wav2vec2", {"dim": 40})


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    save_checkpoint(tmp_path)
    described = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**described, "num_hidden_layers": 3}))
    with pytest.raises(DataError, match=r"lacks \d+ tensors, such as .*layers\.2"):
        learner(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({**described, "hidden_size": 32}))
    with pytest.raises(DataError, match="cannot be loaded"):
        learner(tmp_path)


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.extras.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"transformers not installed; pip install '.\[pretrained"):
        Wav2Vec2().build(64, 6)
