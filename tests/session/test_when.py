"""Techniques that change layers, learn again, or come before and during adaptation, end to end."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from benchmark.cli import main
from benchmark.compression.storage.artefact import load_artefact

pytestmark = pytest.mark.usefixtures("timing_at_once")

SETTINGS = [
    "none",
    "svd50",
    "structured30",
    "layer_drop1",
    "prune70+refit",
    "int4@during",
    "int4@before",
    "prune50@before",
]


def run(folder: Path, *options: str) -> int:
    places = ["--results", str(folder / "results"), "--reports", str(folder / "reports")]
    return main([str(folder / "tiny.yaml"), "--device", "cpu", "--no-report", *places, *options])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, suite_text: str) -> Path:
    folder = tmp_path_factory.mktemp("when")
    text = suite_text.replace("blocks: 1", "blocks: 2").replace("seconds: 0.2", "seconds: 0.05")
    text = text.replace("optimizers: [sgd, adamw]", "optimizers: [adamw]")
    text = text.replace("[none, int8]", json.dumps(SETTINGS))
    methods = "methods: [scratch, joint, {name: fomaml, support: 4, query: 4, tasks: 2}]"
    assert methods in text
    (folder / "tiny.yaml").write_text(text.replace(methods, "methods: [joint, scratch]"))
    assert run(folder, "--jobs", "1") == 0
    return folder


@pytest.fixture(scope="module")
def records(finished: Path) -> pd.DataFrame:
    table = pd.read_parquet(finished / "results/tiny/records.parquet")
    return table.set_index(["method", "compression"])


def stages(folder: Path, kind: str) -> list[dict[str, object]]:
    paths = (folder / "results/tiny/stages").glob("*/stage.json")
    found = [json.loads(path.read_text()) for path in paths]
    return [record for record in found if record["kind"] == kind]


def test_all_settings_give_results_but_for_starts_that_there_are_not(records: pd.DataFrame) -> None:
    wrong = records[records["status"] != "ok"]
    assert set(wrong.index) == {("scratch", "int4@before"), ("scratch", "prune50@before")}
    assert set(wrong["status"]) == {"unsupported"}
    assert wrong["error"].str.contains("has no initialisation to compress").all()
    assert set(records["when"]) == {"after", "before", "during"}


def test_files_hold_what_each_setting_leaves(records: pd.DataFrame) -> None:
    joint = records.loc["joint"]
    whole = joint.loc["none"]
    for smaller in ("svd50", "structured30", "layer_drop1"):
        assert joint.loc[smaller, "parameters"] < whole["parameters"]
    for same in ("prune70+refit", "int4@during", "int4@before", "prune50@before"):
        assert joint.loc[same, "parameters"] == whole["parameters"]
    assert (joint["size_bytes"].drop("none") < whole["size_bytes"]).all()
    assert joint.loc["int4@before", "size_bytes"] == joint.loc["int4@during", "size_bytes"]
    assert joint.loc["prune50@before", "nonzero_parameters"] < 0.6 * whole["parameters"]


def test_all_learn_within_one_budget_and_what_a_refit_spends_is_booked(
    records: pd.DataFrame,
) -> None:
    joint = records.loc["joint"]
    assert set(joint["adapt_gradients"]) == {16}
    assert set(joint["compress_gradients"].drop("prune70+refit")) == {0}
    assert joint.loc["prune70+refit", "compress_gradients"] == 480
    assert (
        joint.loc["prune70+refit", "gradients_spent"] == joint.loc["none", "gradients_spent"] + 480
    )


def test_what_is_compressed_afterwards_shares_one_adaptation(finished: Path) -> None:
    adapted = stages(finished, "adapt")
    # For each method the plain one and the one of int4@during; joint also adapts two small starts.
    assert len(adapted) == 6
    assert sum("compression" in record["identity"] for record in adapted) == 4
    assert len(stages(finished, "compress_start")) == 2
    assert len(stages(finished, "meta_train")) == 1


def test_a_start_s_codes_are_those_of_the_shipped_file(finished: Path) -> None:
    folder = finished / "results/tiny/stages"
    for record in stages(finished, "compress"):
        if record["identity"]["compression"].get("when") != "before":
            continue
        start = load_artefact(folder / record["identity"]["start"] / "artefact.safetensors")
        final = load_artefact(folder / record["key"] / "artefact.safetensors")
        assert len(final.header.vocabulary) >= len(start.header.vocabulary)
        for name in ("blocks.0.expand.weight", "subsampling.first.weight"):
            if record["identity"]["compression"]["chain"][0]["name"] == "int4":
                assert (start.weights[name] == final.weights[name]).all()
            assert ((start.weights[name] == 0) <= (final.weights[name] == 0)).all()


def test_a_finished_suite_does_no_work(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(finished, "--jobs", "1") == 0
    assert "0 stages run" in capsys.readouterr().out
