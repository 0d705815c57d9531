"""A checkpoint is known by what it holds, and whatever is wrong with one is said in a line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from local_hub import SHA, LocalHub, serving
from tiny_checkpoints import save_checkpoint

from benchmark.errors import DataError, UserError
from benchmark.models.checkpoints.pin import fetch
from benchmark.models.wav2vec2 import Wav2Vec2
from benchmark.registry import MODELS
from benchmark.store.identity import key

NAME = "facebook/wav2vec2-base"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHMARK_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    save_checkpoint(tmp_path / "saved")
    return tmp_path / "saved"


def identity(checkpoint: object, beside: Path = Path()) -> dict[str, Any]:
    model = MODELS.make("wav2vec2", {"checkpoint": str(checkpoint)})
    return MODELS.identity("wav2vec2", model, beside)


def test_its_path_does_not_enter_keys(saved: Path, tmp_path: Path) -> None:
    before = identity(saved)
    shutil.copytree(saved, tmp_path / "elsewhere")
    assert identity(tmp_path / "elsewhere") == before
    assert identity("elsewhere", beside=tmp_path) == before
    assert str(tmp_path) not in json.dumps(before)


def test_what_the_file_says_beside_the_network_does_not_enter_keys(saved: Path) -> None:
    before = identity(saved)
    described = json.loads((saved / "config.json").read_text())
    changed = {**described, "transformers_version": "0", "mask_time_prob": 0.5, "_name": "/home/me"}
    (saved / "config.json").write_text(json.dumps(changed))
    assert identity(saved) == before


def test_its_weights_and_its_network_enter_keys(saved: Path, tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "other", seed=1)
    save_checkpoint(tmp_path / "quick", hidden_act="relu")
    keys = {key(identity(folder)) for folder in (saved, tmp_path / "other", tmp_path / "quick")}
    assert len(keys) == 3


def test_settings_without_a_checkpoint_are_their_own_identity() -> None:
    model = Wav2Vec2()
    assert model.pinned(Path()) is model
    assert key(MODELS.identity("wav2vec2", model)) != key(
        MODELS.identity("wav2vec2", Wav2Vec2(dim=64))
    )


def test_a_stage_finds_the_folder_by_its_content_until_that_changes(saved: Path) -> None:
    checkpoint = identity(saved)["settings"]["checkpoint"]
    assert fetch(checkpoint, "main") == saved
    save_checkpoint(saved, seed=1)
    with pytest.raises(DataError, match="no longer holds the checkpoint"):
        fetch(checkpoint, "main")
    shutil.rmtree(saved)
    with pytest.raises(DataError, match="is gone"):
        fetch(checkpoint, "main")
    with pytest.raises(DataError, match="is not here"):
        fetch("sha256:" + 64 * "0", "main")


def truncate(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-10])


def pickle(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def describe(text: str) -> Any:
    return lambda folder: (folder / "config.json").write_text(text)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (truncate, "model.safetensors is not a safetensors file, or damaged"),
        (pickle, "no model.safetensors, only pickles, which are not read"),
        (lambda folder: (folder / "config.json").unlink(), "is not a checkpoint: it has no config"),
        (describe("{"), "config.json cannot be read"),
        (describe("[]"), "is a model of type None; hubert and wav2vec2 can be used"),
        (describe('{"model_type": "whisper"}'), "is a model of type 'whisper'"),
        (describe('{"model_type": "hubert", "hidden_size": "9"}'), "hidden_size = '9' in its"),
        (describe('{"model_type": "hubert", "conv_pos_batch_norm": true}'), "batch normalisation"),
    ],
)
def test_a_checkpoint_that_cannot_be_used_says_why(saved: Path, spoil: Any, message: str) -> None:
    spoil(saved)
    with pytest.raises(DataError, match=message) as caught:
        identity(saved)
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_is_a_mistake_in_the_suite(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"absent' is neither a folder nor a model OWNER/NAME"
    ) as caught:
        identity(tmp_path / "absent")
    assert not isinstance(caught.value, DataError)


def test_a_model_on_the_hub_is_its_commit_and_asked_for_once(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (saved / "pytorch_model.bin").write_bytes(b"a pickle")
    with serving(LocalHub(saved, kind="models", repo=NAME), monkeypatch) as hub:
        settings = identity(NAME)["settings"]
        assert (settings["checkpoint"], settings["revision"]) == (NAME, SHA)
        assert settings["dim"] == 16
        folder = fetch(NAME, SHA)
        asked = len(hub.requests)
        assert identity(NAME)["settings"] == settings
        assert len(hub.requests) == asked
    assert (folder / "model.safetensors").read_bytes() == (saved / "model.safetensors").read_bytes()
    assert not any(request.endswith(".bin") for request in hub.requests)
    assert Wav2Vec2(**settings).initial(64, 6).num_units == 6


def test_a_model_on_the_hub_without_safetensors_says_where_they_may_be(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pickle(saved)
    with (
        serving(LocalHub(saved, kind="models", repo=NAME), monkeypatch),
        pytest.raises(DataError, match=r"only pickles, which are not read; .*revision: refs/pr/N"),
    ):
        identity(NAME)


@pytest.mark.parametrize(
    ("refusal", "message"),
    [
        ((404, "RepoNotFound"), "the Hub has no model facebook/wav2vec2-base, or it is private"),
        ((404, "RevisionNotFound"), "has no revision 'main'"),
        ((403, "GatedRepo"), "accept its terms at https://huggingface.co/facebook/wav2vec2-base"),
    ],
)
def test_a_refusal_of_the_hub_is_explained(
    saved: Path, refusal: tuple[int, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        serving(LocalHub(saved, refusal, kind="models", repo=NAME), monkeypatch),
        pytest.raises(DataError, match=message),
    ):
        identity(NAME)
