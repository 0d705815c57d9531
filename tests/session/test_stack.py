"""A run whose learners learn and whose artefacts transcribe in stacks, against one without."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from benchmark.cli import main
from benchmark.execute import test_sets
from benchmark.store.stages import StageRecord, StageStore

pytestmark = pytest.mark.usefixtures("timing_at_once")


def run(folder: Path, *options: str) -> dict[str, StageRecord]:
    """The stages of a run on the CPU, by key."""
    places = ["--results", str(folder), "--no-report"]
    assert main([str(folder / "tiny.yaml"), "--device", "cpu", *places, *options]) == 0
    return {record.key: record for record in StageStore(folder / "tiny/stages").records()}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, suite_text: str) -> Path:
    """A folder in which every stage has run alone."""
    folder = tmp_path_factory.mktemp("alone")
    text = suite_text.replace("seeds: [0]", "seeds: [0, 1]").replace(
        "[none, int8]", "[none, int8, prune50]"
    )
    (folder / "tiny.yaml").write_text(text)
    assert not any("stack" in record.facts for record in run(folder, "--jobs", "1").values())
    return folder


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_learners_of_a_stack_learn_what_they_learn_alone(
    alone: Path, tmp_path: Path, jobs: str
) -> None:
    shutil.copy(alone / "tiny.yaml", tmp_path)
    together = run(tmp_path, "--jobs", jobs, "--stack", "4")
    expected = {r.key: r for r in StageStore(alone / "tiny/stages").records()}
    assert together.keys() == expected.keys()
    sizes: dict[str, set[int]] = {}
    for key, record in together.items():
        assert record.status == "ok"
        if record.kind not in ("meta_train", "adapt"):
            continue
        sizes.setdefault(record.kind, set()).add(record.facts.get("stack", 1))
        ours, theirs = (
            load_file(folder / "tiny/stages" / key / "weights.safetensors")
            for folder in (tmp_path, alone)
        )
        for name, weights in ours.items():
            torch.testing.assert_close(weights, theirs[name], rtol=1e-3, atol=1e-4)
        for fact in ("gradients_spent", "unfit"):
            assert record.facts.get(fact) == expected[key].facts.get(fact)
    assert max(sizes["adapt"]) == 4
    assert max(sizes["meta_train"]) == 2


def test_artefacts_of_a_stack_hear_what_they_hear_alone(alone: Path, tmp_path: Path) -> None:
    folder = tmp_path / "again"
    shutil.copytree(alone, folder)
    store = StageStore(folder / "tiny/stages")
    expected = {}
    for record in list(store.records()):
        if record.kind == "evaluate":
            expected[record.key] = pd.read_parquet(store.path(record.key) / "hypotheses.parquet")
        if record.kind in ("evaluate", "score"):
            store.remove(record.key)
    test_sets._kept.clear()
    records = run(folder, "--jobs", "1", "--stack", "4")
    # Features are computed once for all stacks of a test set.
    assert len(test_sets._kept) == 1
    assert len(expected) == 36
    assert {records[key].facts["stack"] for key in expected} == {4}
    for key, table in expected.items():
        heard = pd.read_parquet(store.path(key) / "hypotheses.parquet")
        pd.testing.assert_frame_equal(heard, table)


@pytest.mark.parametrize("stack", ["1", "4"])
def test_a_profile_says_what_the_time_of_each_kind_of_stage_went_to(
    alone: Path, tmp_path: Path, stack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(alone / "tiny.yaml", tmp_path)
    options = ["--jobs", "1", "--stack", stack, "--only", "method=joint", "--profile"]
    records = run(tmp_path, *options)
    out = capsys.readouterr().out
    for kind in ("meta_train", "adapt"):
        (line,) = (line for line in out.splitlines() if line.startswith(f"profile of {kind}: "))
        for part in ("data", "forward", "loss", "backward", "optimizer", "host", "padding"):
            assert part in line
        stages = [record for record in records.values() if record.kind == kind]
        for record in stages:
            spent = sum(record.facts["profile"]["seconds"].values())
            assert 0 < spent <= record.seconds
    assert "profile of evaluate: " in out
