"""A finished cell becomes a folder that hears the same without torch and without this package."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
import torch
from quick_timing import time_at_once

from benchmark.cli import main
from benchmark.data.features import Features, InputType
from benchmark.data.frontend import front_end
from benchmark.data.prepared import Prepared
from benchmark.data.text import NORMALISER
from benchmark.export.export import feature_settings
from benchmark.export.transcribe import features as script_features
from benchmark.store.stages import StageStore

SUITE = """\
name: tiny
data: {{source: {corpus}, train: [aa, bb], test: [cc], shots: [8]}}
models: [{{name: conv_ctc, channels: 32, blocks: 1, kernel: 3}}]
methods: [joint]
optimizers: [adamw]
compressions: [int8, int8_mixed]
runtimes: [torch, onnxruntime, openvino]
seeds: [0]
budget: {{meta_train: 1000, adapt: 300}}
timing: {{runs: 130, warmup: 1, seconds: 0.2}}
"""
CELLS = [
    ("int8", "torch"),
    ("int8", "onnxruntime"),
    ("int8_mixed", "onnxruntime"),
    ("int8", "openvino"),
]

ISOLATED = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "torchaudio", "benchmark", "scipy", "onnx"}:
            raise ImportError(f"{name} is not to be had here")
sys.meta_path.insert(0, Refuse())
import runpy
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a script where nothing but its own needs can be imported."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, tiny_corpus: Path) -> Path:
    """A working folder with the results of cells of three runtimes; their timings are made up."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "tiny.yaml").write_text(SUITE.format(corpus=tiny_corpus))
    places = ["--results", str(folder / "results"), "--jobs", "1", "--device", "cpu"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmark.execute.timing.time_artefacts", time_at_once)
        assert main([str(folder / "tiny.yaml"), "--no-report", *places]) == 0
    return folder


@pytest.fixture(scope="module")
def speech(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The test utterances of the suite as sound files, named by their uid."""
    folder = tmp_path_factory.mktemp("speech")
    stages = StageStore(finished / "results/tiny/stages").records()
    corpus = next(r.identity["corpus"] for r in stages if r.kind == "evaluate" and r.status == "ok")
    prepared = next(
        found for found in map(Prepared.open, _prepared_folders()) if found.digest == corpus
    )
    paths = []
    for utterance in prepared.split("test"):
        path = folder / f"{utterance.uid.replace('/', '+')}.wav"
        soundfile.write(path, prepared.waveform(utterance.uid), 16000, subtype="PCM_16")
        paths.append(path)
    return paths


def _prepared_folders() -> list[Path]:
    from benchmark.cache import cache_folder

    return [path.parent for path in cache_folder().rglob("summary.json")]


def cell_of(finished: Path, compression: str, runtime: str) -> str:
    table = pd.read_parquet(finished / "results/tiny/records.parquet")
    row = table[(table["compression"] == compression) & (table["runtime"] == runtime)]
    return str(row["cell"].iloc[0])


def exported(finished: Path, compression: str, runtime: str) -> Path:
    """The exported model of a cell, made once and only read."""
    target = finished / f"{compression}-{runtime}"
    if not target.exists():
        cell = cell_of(finished, compression, runtime)
        place = str(finished / "results")
        assert main(["export", cell, "--to", str(target), "--from", place]) == 0
    return target


def hypotheses(finished: Path, cell: str) -> dict[str, str]:
    table = pd.read_parquet(finished / "results/tiny/utterances.parquet")
    rows = table[table["cell"] == cell]
    return dict(zip(rows["uid"], rows["hypothesis"], strict=True))


def heard(lines: str) -> dict[str, str]:
    pairs = [line.partition("\t") for line in lines.splitlines()]
    return {Path(path).stem.replace("+", "/"): text for path, _, text in pairs}


@pytest.mark.parametrize(("compression", "runtime"), CELLS)
def test_the_script_alone_hears_what_the_results_say(
    finished: Path, speech: list[Path], tmp_path: Path, compression: str, runtime: str
) -> None:
    folder = exported(finished, compression, runtime)
    stored = hypotheses(finished, cell_of(finished, compression, runtime))
    assert len(set(stored.values())) > 3, "a model that says nothing would prove nothing"
    command = [sys.executable, "-c", ISOLATED, str(folder / "transcribe.py"), *map(str, speech)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert heard(done.stdout) == stored


def test_transcribe_uses_the_folder(
    finished: Path, speech: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = exported(finished, "int8", "onnxruntime")
    capsys.readouterr()
    assert main(["transcribe", str(folder), *map(str, speech)]) == 0
    stored = hypotheses(finished, cell_of(finished, "int8", "onnxruntime"))
    assert heard(capsys.readouterr().out) == stored


def test_a_model_of_a_runtimes_own_file_is_that_file(finished: Path, tmp_path: Path) -> None:
    folder = exported(finished, "int8_mixed", "onnxruntime")
    size = (folder / "model.onnx").stat().st_size
    table = pd.read_parquet(finished / "results/tiny/records.parquet").set_index("cell")
    assert size == table.loc[cell_of(finished, "int8_mixed", "onnxruntime"), "size_bytes"]


def test_a_cell_of_torch_is_exported_in_the_bits_of_its_compression(
    finished: Path, tmp_path: Path
) -> None:
    folder = exported(finished, "int8", "torch")
    assert (folder / "model.onnx").stat().st_size < float_bytes(finished) / 2


def float_bytes(finished: Path) -> int:
    """Bytes of the float32 values of the network."""
    table = pd.read_parquet(finished / "results/tiny/records.parquet")
    return 4 * int(table["parameters"].iloc[0])


def test_the_card_has_the_numbers_of_the_record(finished: Path, tmp_path: Path) -> None:
    folder = exported(finished, "int8", "torch")
    card = (folder / "README.md").read_text()
    cell = cell_of(finished, "int8", "torch")
    row = pd.read_parquet(finished / "results/tiny/records.parquet").set_index("cell").loc[cell]
    interval = f"[{100 * row['wer_low']:.1f}, {100 * row['wer_high']:.1f}]"
    assert f"{100 * row['wer']:.1f} % {interval}" in card
    # Whether a timing is valid depends on what else the machine does.
    assert f"{row['latency_ratio']:.2f} [" in card if row["timing_valid"] else "rejected" in card
    assert not re.search(r"\bnan\b", card)
    for word in (cell, "`int8`", "| aa | training |", "| cc | adaptation", "licence", "threads: 1"):
        assert word in card
    assert "the file here was converted from that one for onnxruntime" in card
    assert "synthetic speech" not in card


def test_the_script_is_short_and_needs_numpy_and_soundfile_alone(
    finished: Path, tmp_path: Path
) -> None:
    folder = exported(finished, "int8", "torch")
    script, sound = (
        (folder / name).read_text().splitlines() for name in ("transcribe.py", "sound.py")
    )
    assert len(script) < 60
    imports = (line.split()[1] for line in script + sound if line.startswith(("import ", "from ")))
    modules = {name.partition(".")[0] for name in imports}
    assert modules - sys.stdlib_module_names == {"numpy", "soundfile"}


@pytest.mark.parametrize(
    ("input_type", "features"),
    [
        ("log_mel", Features(mels=64)),
        ("log_mel", Features(mels=40, window_ms=20, hop_ms=8)),
        ("log_mel", Features(mels=80)),
        ("waveform", Features()),
    ],
)
def test_features_are_those_of_the_benchmark(
    tmp_path: Path, input_type: InputType, features: Features
) -> None:
    generator = np.random.default_rng(0)
    for length in (300, 512, 4000, 33333):
        noise = generator.normal(0, 2000, length) * np.linspace(0, 2, length)
        samples = noise.clip(-32768, 32767).astype(np.int16)
        soundfile.write(tmp_path / "a.wav", samples, 16000, subtype="PCM_16")
        waveform = torch.from_numpy(samples).float()[None] / 32768
        expected = front_end(input_type, features)(waveform, torch.tensor([length])).features
        found = script_features(tmp_path / "a.wav", **feature_settings(input_type, features))
        assert found.shape == expected.shape
        assert np.abs(found - expected.numpy()).max() < 1e-4


@pytest.mark.parametrize("rate", [8000, 22050, 44100])
def test_a_tone_has_the_same_features_at_every_sampling_rate(tmp_path: Path, rate: int) -> None:
    time = np.arange(rate) / rate
    soundfile.write(tmp_path / "a.wav", 0.3 * np.sin(2 * np.pi * 700 * time), rate)
    time = np.arange(16000) / 16000
    soundfile.write(tmp_path / "b.wav", 0.3 * np.sin(2 * np.pi * 700 * time), 16000)
    settings = feature_settings("log_mel", Features(mels=64)) | {"floor": 1.0}
    other, own = (script_features(tmp_path / name, **settings) for name in ("a.wav", "b.wav"))
    assert other.shape == own.shape
    assert np.abs(other - own)[:, 2:-2].max() < 0.05


def test_what_cannot_be_exported_is_said_in_one_line(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(finished / "results")
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine").write_text("")
    refused = cell_of(finished, "int8_mixed", "torch")
    fine = cell_of(finished, "int8", "torch")
    for arguments, code, words in [
        (["nothing", "--to", str(tmp_path / "a"), "--from", place], 2, "no cell 'nothing'"),
        (["c", "--to", str(tmp_path / "a"), "--from", str(full)], 2, "no records.parquet here"),
        ([refused, "--to", str(tmp_path / "a"), "--from", place], 2, "has no model: unsupported"),
        ([fine, "--to", str(full), "--from", place], 2, "not an empty folder"),
    ]:
        assert main(["export", *arguments]) == code
        error = capsys.readouterr().err
        assert words in error
        assert len(error.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full"]


def test_a_cell_whose_file_is_gone_is_said_so(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(finished / "results", tmp_path / "results")
    for file in (tmp_path / "results").rglob("artefact.*"):
        file.unlink()
    cell = cell_of(finished, "int8", "torch")
    to = str(tmp_path / "a")
    assert main(["export", cell, "--to", to, "--from", str(tmp_path / "results")]) == 3
    told = capsys.readouterr().err
    assert "is gone" in told
    assert "Run the suite again" in told


def test_a_damaged_or_incomplete_folder_is_a_user_error(
    finished: Path, speech: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(exported(finished, "int8", "onnxruntime"), tmp_path / "model")
    content = bytearray((folder / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "model.onnx").write_bytes(content)
    assert main(["transcribe", str(folder), str(speech[0])]) == 2
    assert "damaged" in capsys.readouterr().err
    (folder / "tokenizer.json").unlink()
    assert main(["transcribe", str(folder), str(speech[0])]) == 2
    assert "not an exported model, it has no tokenizer.json" in capsys.readouterr().err


def test_a_file_that_is_no_audio_costs_the_others_nothing(
    finished: Path, speech: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = exported(finished, "int8", "onnxruntime")
    (tmp_path / "text.wav").write_text("no audio")
    capsys.readouterr()
    assert main(["transcribe", str(folder), str(tmp_path / "text.wav"), str(speech[0])]) == 3
    captured = capsys.readouterr()
    assert "text.wav cannot be read" in captured.err
    assert len(captured.err.splitlines()) == 1
    stored = hypotheses(finished, cell_of(finished, "int8", "onnxruntime"))
    found = heard(captured.out)
    assert len(found) == 1
    assert found.items() <= stored.items()


def test_a_runtime_that_is_not_installed_is_named_with_its_extra(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("benchmark.extras.find_spec", lambda name: None)
    place = str(finished / "results")
    for runtime, extra in (("torch", "onnx"), ("openvino", "openvino")):
        cell = cell_of(finished, "int8", runtime)
        assert main(["export", cell, "--to", str(tmp_path / "a"), "--from", place]) == 2
        assert f"pip install '.[{extra}]'" in capsys.readouterr().err


def test_settings_of_the_folder_are_plain_json(finished: Path, tmp_path: Path) -> None:
    folder = exported(finished, "int8", "openvino")
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    assert tokenizer["symbols"][0] == ""
    assert json.loads((folder / "features.json").read_text())["mels"] == 64
    assert json.loads((folder / "normaliser.json").read_text())["name"] == NORMALISER
    assert json.loads((folder / "runtime.json").read_text())["name"] == "openvino"
