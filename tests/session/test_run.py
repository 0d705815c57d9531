"""The main job end to end on a tiny corpus: caching, failures, kills, jobs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from quick_timing import count_and_time_at_once

from benchmark.cli import main
from benchmark.results.columns import RECORD, VARYING
from benchmark.store.stages import StageStore


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, suite_text: str) -> Path:
    """A working folder in which the tiny suite has run to its end, with one job."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "tiny.yaml").write_text(suite_text)
    assert run(folder, "--jobs", "1") == 0
    return folder


@pytest.fixture
def made_up_timings(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that look at no time; `finished` is measured."""
    monkeypatch.setattr("benchmark.execute.timing.time_artefacts", count_and_time_at_once)


def run(folder: Path, *options: str) -> int:
    places = ["--results", str(folder / "results"), "--reports", str(folder / "reports")]
    return main([str(folder / "tiny.yaml"), "--device", "cpu", "--no-report", *places, *options])


def records(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "results/tiny/records.parquet")


def untimed(folder: Path) -> pd.DataFrame:
    return records(folder).drop(columns=list(VARYING))


def stage_times(folder: Path) -> dict[str, int]:
    stages = folder / "results/tiny/stages"
    return {path.parent.name: path.stat().st_mtime_ns for path in stages.glob("*/stage.json")}


def test_every_cell_gets_a_complete_record(finished: Path) -> None:
    table = records(finished)
    assert list(table.columns) == list(RECORD)
    assert len(table) == 12
    assert set(table["status"]) == {"ok"}
    absent = {"error", "shared_speakers", "curve", "curve_area"}  # nothing to say, or not asked for
    # Eleven runs give a median, and only some machines count energy.
    unknown = {f"latency_p{p}_ms" for p in (90, 95, 99)} | {"energy_joules"}
    ratios = {"latency_ratio", "latency_ratio_low", "latency_ratio_high"}
    needed = list(RECORD.keys() - absent - unknown - ratios)
    assert table[needed].notna().all().all()
    for name in ratios:
        assert (table[name].notna() == table["timing_valid"]).all()


def test_all_methods_spend_the_budget_and_the_record_says_so(finished: Path) -> None:
    spent = records(finished).groupby("method")["gradients_spent"].unique()
    assert {method: list(values) for method, values in spent.items()} == {
        "scratch": [16],
        "joint": [80],
        "fomaml(support=4,query=4,tasks=2)": [80],
    }


def test_rates_are_those_of_the_stored_utterances(finished: Path) -> None:
    utterances = pd.read_parquet(finished / "results/tiny/utterances.parquet")
    sums = utterances.groupby("cell")[["n_errors", "n_words"]].sum()
    table = records(finished).set_index("cell")
    wer = (sums["n_errors"] / sums["n_words"]).reindex(table.index)
    pd.testing.assert_series_equal(table["wer"], wer, check_names=False)
    assert (table["wer_low"] <= table["wer"]).all()
    assert (table["wer"] <= table["wer_high"]).all()


def test_sizes_are_those_of_the_files(finished: Path) -> None:
    stages = finished / "results/tiny/stages"
    on_disk = {path.stat().st_size for path in stages.glob("*/artefact.safetensors")}
    assert set(records(finished)["size_bytes"]) <= on_disk


def test_a_finished_suite_does_no_work(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, table = stage_times(finished), untimed(finished)
    assert run(finished, "--jobs", "1") == 0
    assert "0 stages run" in capsys.readouterr().out
    assert stage_times(finished) == before
    pd.testing.assert_frame_equal(untimed(finished), table)


def test_adaptations_may_be_removed_to_save_space(finished: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(finished, tmp_path / "copy")
    for stage in (folder / "results/tiny/stages").glob("*/stage.json"):
        if json.loads(stage.read_text())["kind"] == "adapt":
            shutil.rmtree(stage.parent)
    (folder / "results/tiny/records.parquet").unlink()
    assert run(folder, "--jobs", "1") == 0
    assert set(records(folder)["status"]) == {"ok"}
    pd.testing.assert_series_equal(records(folder)["wer"], records(finished)["wer"])


@pytest.mark.usefixtures("made_up_timings")
def test_two_jobs_give_the_same_records_as_one(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text((finished / "tiny.yaml").read_text())
    assert run(tmp_path, "--jobs", "2") == 0
    pd.testing.assert_frame_equal(untimed(tmp_path), untimed(finished))
    ours = pd.read_parquet(tmp_path / "results/tiny/utterances.parquet")
    theirs = pd.read_parquet(finished / "results/tiny/utterances.parquet")
    pd.testing.assert_frame_equal(ours, theirs)


@pytest.mark.usefixtures("made_up_timings")
def test_a_killed_run_goes_on_where_it_was(finished: Path, tmp_path: Path) -> None:
    suite = tmp_path / "tiny.yaml"
    suite.write_text((finished / "tiny.yaml").read_text())
    stages = tmp_path / "results/tiny/stages"
    command = [sys.executable, "-m", "benchmark", str(suite), "--jobs", "1", "--no-report"]
    with subprocess.Popen(
        [*command, "--device", "cpu", "--results", str(tmp_path / "results")],
        stdout=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None and len(list(stages.glob("[!.]*"))) < 5:
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
    before = stage_times(tmp_path)
    assert 5 <= len(before) < len(stage_times(finished))
    assert run(tmp_path, "--jobs", "1") == 0
    after = stage_times(tmp_path)
    assert all(after[key] == written for key, written in before.items())
    pd.testing.assert_frame_equal(untimed(tmp_path), untimed(finished))
    assert not list(stages.glob(".*"))


@pytest.mark.usefixtures("made_up_timings")
def test_one_bad_cell_spoils_one_cell(tmp_path: Path, suite_text: str) -> None:
    text = suite_text
    suite = tmp_path / "tiny.yaml"
    suite.write_text(text.replace("optimizers: [sgd,", "optimizers: [{name: sgd, lr: 1.0e+38},"))
    assert run(tmp_path, "--jobs", "1") == 3
    table = records(tmp_path)
    wrong = table["optimizer"].str.startswith("sgd")
    assert set(table.loc[wrong, "status"]) == {"diverged"}
    assert table.loc[wrong, "error"].str.contains("adapt: .*step").all()
    assert set(table.loc[~wrong, "status"]) == {"ok"}
    before = stage_times(tmp_path)
    assert run(tmp_path, "--jobs", "1") == 3
    assert stage_times(tmp_path) == before
    assert run(tmp_path, "--jobs", "1", "--retry-failed") == 3
    assert stage_times(tmp_path) != before


@pytest.mark.usefixtures("made_up_timings")
def test_a_worker_that_dies_costs_its_stage_alone(
    tmp_path: Path, suite_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deadly.py").write_text(
        "import os\nfrom dataclasses import dataclass\n"
        "from benchmark.methods.joint import Joint\n"
        "@dataclass(frozen=True)\nclass Deadly(Joint):\n    '''Dies.'''\n"
        "    def adapt(self, adaptation):\n        os.kill(os.getpid(), 9)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    text = suite_text.replace("methods: [scratch", "methods: [deadly:Deadly")
    (tmp_path / "tiny.yaml").write_text(text.replace("[sgd, adamw]", "[sgd]"))
    assert run(tmp_path, "--jobs", "2") == 3
    table = records(tmp_path).set_index("method")["status"]
    assert set(table["deadly:Deadly"]) == {"oom"}
    assert set(table.drop("deadly:Deadly")) == {"ok"}


@pytest.mark.usefixtures("made_up_timings")
def test_a_stage_that_takes_too_long_is_stopped(tmp_path: Path, suite_text: str) -> None:
    text = suite_text + "stage_seconds: 0.01\n"
    (tmp_path / "tiny.yaml").write_text(text)
    assert run(tmp_path, "--jobs", "1", "--only", "method=joint", "--only", "optimizer=sgd") == 3
    assert set(records(tmp_path)["status"]) == {"timeout"}


@pytest.mark.usefixtures("made_up_timings")
def test_an_unreadable_language_blocks_its_cells_alone(
    tmp_path: Path, tiny_corpus: Path, suite_text: str
) -> None:
    corpus = tmp_path / "corpus"
    shutil.copytree(tiny_corpus, corpus)
    shutil.copytree(corpus / "cc", corpus / "dd")
    card = (corpus / "README.md").read_text()
    config = "- config_name: dd\n  data_files:\n" + "".join(
        f"  - {{split: {split}, path: dd/{split}.parquet}}\n" for split in ("train", "test")
    )
    (corpus / "README.md").write_text(card.removesuffix("---\n") + config + "---\n")
    (corpus / "dd/test.parquet").write_bytes(b"PAR1 is not enough")
    text = suite_text.replace(str(tiny_corpus), str(corpus)).replace("[cc]", "[cc, dd]")
    (tmp_path / "tiny.yaml").write_text(text)
    assert run(tmp_path, "--jobs", "1", "--only", "method=scratch", "--only", "optimizer=sgd") == 3
    table = records(tmp_path).set_index("language")
    assert set(table.loc["cc", "status"]) == {"ok"}
    assert set(table.loc["dd", "status"]) == {"blocked"}
    assert table.loc["dd", "error"].str.contains("test.parquet").all()


def test_a_stored_stage_is_never_half_written(tmp_path: Path) -> None:
    store = StageStore(tmp_path)
    with pytest.raises(OSError, match="full"), store.writing("key") as folder:
        (folder / "half").write_text("half")
        raise OSError("full")
    assert store.get("key") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("made_up_timings")
def test_a_full_disk_stops_the_run_and_keeps_what_finished(
    tmp_path: Path,
    suite_text: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from benchmark.execute.stages import adapt

    def full(network: object, folder: Path) -> None:
        raise RuntimeError("Error while serializing: I/O error: No space left on device (28)")

    (tmp_path / "tiny.yaml").write_text(suite_text)
    with monkeypatch.context() as patch:
        patch.setattr(adapt, "save_weights", full)
        assert run(tmp_path, "--jobs", "1") == 3
    assert "is full" in capsys.readouterr().err
    before = stage_times(tmp_path)
    assert len(before) == 3
    assert run(tmp_path, "--jobs", "1") == 0
    assert before.items() <= stage_times(tmp_path).items()


@pytest.mark.gpu
def test_the_whole_matrix_runs_on_a_gpu(tmp_path: Path, suite_text: str) -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    text = suite_text.replace("scratch, joint", "scratch, joint, maml")
    (tmp_path / "tiny.yaml").write_text(text + "precision: bf16\n")
    assert run(tmp_path, "--device", "cuda") == 0
    assert set(records(tmp_path)["device"]) == {"cuda"}
