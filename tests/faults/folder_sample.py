"""A results folder with all that can lie beside it, small enough to be copied hundreds of times."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import soundfile
from onnx import TensorProto, helper

from benchmark.cli import main
from benchmark.results.write import write_trials
from benchmark.runtimes.exporting.description import BLANK, seal
from benchmark.suite.tuning import STUDY_AXES

sys.path.append(str(Path(__file__).parents[1] / "publish"))

from published_folders import write_folder

CLASSES = 4
SUITE = """\
name: r
data: {source: synthetic, train: [de], test: [nl], shots: [20]}
models: [conv_ctc]
methods: [joint, maml]
optimizers: [sgd]
compressions: [none]
seeds: [0]
budget: {meta_train: 64, adapt: 16}
"""
LENGTH = {"seconds": 3.0, "p50_ms": 5.0, "p50_low_ms": 4.9, "p50_high_ms": 5.1}


def write_sample(folder: Path) -> Path:
    """Results, a baseline and a site made of them, a suite, an exported model and speech."""
    results = write_folder(
        folder / "results/r", methods=("joint", "maml"), languages=("nl", "ja"), utterances=3
    )
    _more_columns(results)
    _trials(results)
    _stage(results)
    for arguments in (
        ["check", "--candidate", str(results), "--save-baseline", str(folder / "baseline")],
        ["publish", str(results), "--to", str(folder / "site")],
    ):
        assert main(arguments) == 0
    (folder / "suite.yaml").write_text(SUITE)
    _exported(folder / "model")
    soundfile.write(folder / "speech.wav", np.sin(np.arange(4000) / 8), 16000)
    return folder


def _more_columns(results: Path) -> None:
    path = results / "records.parquet"
    records = pd.read_parquet(path).assign(
        n_utterances=3,
        parameters=1000,
        gradients_spent=80,
        meta_train_gradients=64,
        cost_key="c" * 20,
        curve=json.dumps({"0": 0.9, "4": 0.5}),
        curve_area=0.6,
        latency_by_length=json.dumps([{**LENGTH, "latency_ratio": 1.0}] * 2),
        timing_valid=True,
        blank_fraction=0.5,
        deletion_rate=0.1,
        shared_speakers=0.0,
        shared_texts=0.0,
    )
    records.to_parquet(path, index=False)


def _trials(results: Path) -> None:
    study = dict.fromkeys(STUDY_AXES, "") | {"method": "maml", "optimizer": "sgd", "shots": "20"}
    rows = [
        {
            **study,
            "suite": "r",
            "trial": trial,
            "num_trials": 3,
            "num_settings": 8,
            "params": json.dumps({"optimizer.lr": 0.1 * (trial + 1)}),
            "state": "complete",
            "is_default": trial == 0,
            "is_best": trial == 2,
            "mean": 0.5 - 0.1 * trial,
            "num_instances": 1,
            "language": "cs",
            "draw": 0,
            "metric": "wer",
            "error": 0.5 - 0.1 * trial,
            "reason": None,
        }
        for trial in range(3)
    ]
    write_trials(results, rows)


def _stage(results: Path) -> None:
    """The evaluation of the first cell, whose artefact is gone."""
    key = pd.read_parquet(results / "records.parquet")["quality_key"].iloc[0]
    folder = results / "stages" / key
    folder.mkdir(parents=True)
    stage = {
        "kind": "evaluate",
        "key": key,
        "identity": {"artefact": "a" * 20, "language": "nl", "runtime": "torch"},
        "facts": {"blank_fraction": 0.5},
        "seconds": 1.5,
    }
    (folder / "stage.json").write_text(json.dumps(stage))


def _exported(folder: Path) -> None:
    """A model whose scores are its features."""
    folder.mkdir()
    shape = [1, "frames", CLASSES]
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name in ("features", "scores")
    ]
    node = helper.make_node("Identity", ["features"], ["scores"])
    graph = helper.make_graph([node], "g", values[:1], values[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, {"benchmark": f'{{"digest":"{BLANK.decode()}"}}'})
    (folder / "model.onnx").write_bytes(seal(model.SerializeToString()))
    settings = {
        "runtime": {"name": "onnxruntime", "options": {}},
        "features": {
            "rate": 16000,
            "mels": CLASSES,
            "window": 400,
            "hop": 160,
            "span": 512,
            "floor": 1e-6,
            "deviation_floor": 1e-5,
        },
        "tokenizer": {
            "decoder": "ctc",
            "units": "characters",
            "encoding": "utf-8",
            "symbols": ["", "a", "b", " "],
        },
    }
    for name, content in settings.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    assert onnx.load(str(folder / "model.onnx"))
