"""A pretrained encoder through the main job: every way to learn, moved, damaged, absent."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from tiny_checkpoints import save_checkpoint

from benchmark.cli import main

pytestmark = pytest.mark.usefixtures("timing_at_once")

METHODS = """
- scratch
- joint
- head_only
- lora
- adapter
- {name: partial, what: [last_blocks, norms_and_biases]}
- {name: fomaml, support: 4, query: 4, tasks: 2}
- {name: maml, support: 4, query: 4, tasks: 2, inner_steps: 1, first_order_share: 0.0}
"""


QUICK = {
    "optimizers": "optimizers: [adamw]",
    "compressions": "compressions: [int8]",
    "budget": "budget: {meta_train: 32, adapt: 8}",
}


def suite(folder: Path, text: str, methods: str = METHODS, more: str = "") -> Path:
    """The tiny suite with the checkpoint in `folder`/encoder in place of its model."""
    models = "models: [{name: wav2vec2, checkpoint: encoder, adapter: 4}" + more + "]"
    lines = []
    for line in text.splitlines():
        if line.startswith("models:"):
            line = models
        elif line.startswith("methods:"):
            line = "methods: " + methods
        name = line.partition(":")[0]
        lines.append(QUICK.get(name, line))
    path = folder / "tiny.yaml"
    path.write_text("\n".join(lines))
    return path


def run(folder: Path, *options: str) -> int:
    places = ["--results", str(folder / "results"), "--jobs", "1", "--device", "cpu"]
    return main([str(folder / "tiny.yaml"), "--no-report", *places, *options])


def records(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "results/tiny/records.parquet")


def plan(path: Path, folder: Path) -> int:
    return main(["plan", str(path), "--results", str(folder / "results"), "--device", "cpu"])


def test_every_way_to_learn_works_and_a_moved_checkpoint_runs_nothing_again(
    tmp_path: Path, suite_text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    save_checkpoint(tmp_path / "encoder")
    suite(tmp_path, suite_text)
    assert run(tmp_path) == 0, records(tmp_path)["error"].unique()
    table = records(tmp_path)
    assert len(table) == 9
    assert set(table["status"]) == {"ok"}
    assert not table["params"].str.contains(str(tmp_path)).any()
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("encoder", "tiny.yaml"):
        shutil.move(tmp_path / name, moved)
    assert plan(moved / "tiny.yaml", tmp_path) == 0
    assert "nothing to run" in capsys.readouterr().out
    save_checkpoint(moved / "encoder", seed=1)
    assert plan(moved / "tiny.yaml", tmp_path) == 0
    assert "meta_train: model.settings.checkpoint: sha256:" in capsys.readouterr().out


def test_a_damaged_checkpoint_blocks_its_cells_alone(
    tmp_path: Path, suite_text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = suite(tmp_path, suite_text, "[scratch]", ", {name: conv_ctc, channels: 8, blocks: 1}")
    save_checkpoint(tmp_path / "encoder")
    (tmp_path / "encoder/model.safetensors").write_bytes(b"not a model")
    reason = "model.safetensors is not a safetensors file, or damaged"
    assert plan(path, tmp_path) == 3
    assert reason in " ".join(capsys.readouterr().out.split())
    assert run(tmp_path) == 3
    table = records(tmp_path)
    ours = table["model"].str.startswith("wav2vec2")
    assert set(table[ours]["status"]) == {"blocked"}
    assert table[ours]["error"].str.contains(reason).all()
    assert set(table[~ours]["status"]) == {"ok"}


def test_a_model_that_cannot_be_reached_blocks_its_cells(
    tmp_path: Path, suite_text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = suite(tmp_path, suite_text)
    path.write_text(path.read_text().replace(": encoder", ": facebook/wav2vec2-base"))
    assert plan(path, tmp_path) == 3
    shown = " ".join(capsys.readouterr().out.split())
    assert "facebook/wav2vec2-base cannot be had from the Hub" in shown
    assert "give a folder that holds the model as `checkpoint`" in shown


def test_an_absent_folder_is_a_mistake_with_its_line(
    tmp_path: Path, suite_text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = suite(tmp_path, suite_text)
    assert main(["plan", str(path)]) == 2
    error = capsys.readouterr().err
    assert f"{path}:7: " in error and "'encoder' is neither a folder nor a model" in error


def test_planning_one_imports_no_torch(tmp_path: Path, suite_text: str) -> None:
    save_checkpoint(tmp_path / "encoder")
    path = suite(tmp_path, suite_text)
    code = (
        "import sys; from benchmark.cli import main\n"
        "assert main(['plan', sys.argv[1], '--device', 'cpu']) == 0\n"
        "assert not {'torch', 'transformers'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_without_transformers_its_cells_are_unsupported_and_list_works(
    tmp_path: Path,
    suite_text: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    save_checkpoint(tmp_path / "encoder")
    suite(tmp_path, suite_text, "[scratch]", ", {name: conv_ctc, channels: 8, blocks: 1}")
    monkeypatch.setattr("benchmark.extras.find_spec", lambda name: None)
    assert main(["list", "models"]) == 0
    assert "wav2vec2" in capsys.readouterr().out
    assert run(tmp_path) == 0
    table = records(tmp_path).set_index("model")
    assert set(table.loc[["conv_ctc(channels=8,blocks=1)"], "status"]) == {"ok"}
    ours = table[table.index.str.startswith("wav2vec2")]
    assert set(ours["status"]) == {"unsupported"}
    assert ours["error"].str.contains(r"transformers not installed; pip install '.\[pret").all()
