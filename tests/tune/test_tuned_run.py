"""Tuning in the main job on a tiny corpus: what is stored, resumed, shared and never seen."""

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

from benchmark.cli import main
from benchmark.publish.rows import params_of
from benchmark.results.columns import VARYING
from benchmark.results.trial_columns import TRIAL
from benchmark.tune.search import STARTUP_WHOLE

pytestmark = pytest.mark.usefixtures("timing_at_once")

TRIALS = "results/tiny/trials.parquet"


def run(folder: Path, *options: str) -> int:
    places = ["--results", str(folder / "results"), "--reports", str(folder / "reports")]
    return main([str(folder / "tiny.yaml"), "--device", "cpu", "--no-report", *places, *options])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, tuned_text: str) -> Path:
    """A folder in which the tiny suite was tuned and run to its end, with one job."""
    folder = tmp_path_factory.mktemp("tuned")
    (folder / "tiny.yaml").write_text(tuned_text)
    assert run(folder, "--jobs", "1") == 0
    return folder


def trials(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / TRIALS)


def records(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "results/tiny/records.parquet")


def stage_times(folder: Path) -> dict[str, int]:
    stages = folder / "results/tiny/stages"
    return {path.parent.name: path.stat().st_mtime_ns for path in stages.glob("[!.]*/stage.json")}


def stages(folder: Path, kind: str) -> list[dict[str, object]]:
    found = (folder / "results/tiny/stages").glob("*/stage.json")
    read = [json.loads(path.read_text()) for path in found]
    return [stage["identity"] for stage in read if stage["kind"] == kind]


def assert_same(ours: Path, theirs: Path) -> None:
    """Trials and results, byte for byte but for the time that they took."""
    pd.testing.assert_frame_equal(trials(ours), trials(theirs))
    left, right = (records(folder).drop(columns=list(VARYING)) for folder in (ours, theirs))
    pd.testing.assert_frame_equal(left, right)


def test_default_and_tuned_rows_stand_side_by_side(finished: Path) -> None:
    table = records(finished)
    assert set(table["status"]) == {"ok"}
    assert list(dict.fromkeys(table["optimizer"])) == [
        "sgd",
        "sgd(tuned)",
        "adamw",
        "adamw(tuned)",
    ]
    assert (table["tuned"] == table["optimizer"].str.contains("tuned")).all()
    assert set(table["language"]) == {"cc"}


def test_every_trial_is_stored_with_its_instances(finished: Path) -> None:
    table = trials(finished)
    assert list(table.columns) == list(TRIAL)
    assert dict(table.groupby("optimizer")["trial"].nunique()) == {"sgd": 6, "adamw": 8}
    assert set(table["language"]) == {"bb"}
    whole = table[table["state"] == "complete"].groupby(["optimizer", "trial"])
    assert all(list(rows["draw"]) == [0, 1] for _, rows in whole)
    means = whole["error"].mean()
    assert means.to_numpy() == pytest.approx(whole["mean"].first().to_numpy())


def test_the_tuned_setting_is_no_worse_on_validation_and_is_that_of_the_record(
    finished: Path,
) -> None:
    table = trials(finished)
    for optimizer, rows in table.groupby("optimizer"):
        (default,) = rows.loc[rows["is_default"].astype(bool), "mean"].unique()
        (best,) = rows.loc[rows["is_best"].astype(bool), "mean"].unique()
        assert best <= default
        chosen = json.loads(rows.loc[rows["is_best"].astype(bool), "params"].iloc[0])
        cells = records(finished)
        own = cells[cells["optimizer"] == f"{optimizer}(tuned)"]
        for params in map(json.loads, own["params"]):
            settings = params["settings"]["optimizer"]["settings"]
            assert chosen.items() <= {f"optimizer.{k}": v for k, v in settings.items()}.items()
            assert params["tuned"]["validation"] == ["bb"]


def test_no_trial_touched_the_test_language(finished: Path) -> None:
    table = records(finished)
    used = {
        json.dumps(json.loads(params)["settings"]["optimizer"], sort_keys=True)
        for params in table["params"]
    }
    adapted = stages(finished, "adapt")
    on_test = [one for one in adapted if one["language"] == "cc"]
    assert {json.dumps(one["optimizer"], sort_keys=True) for one in on_test} == used
    assert {one["language"] for one in adapted} == {"bb", "cc"}
    assert len(on_test) == len(used)


def test_running_again_does_no_work(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, table = stage_times(finished), trials(finished)
    assert run(finished, "--jobs", "1") == 0
    assert "0 stages run" in capsys.readouterr().out
    assert stage_times(finished) == before
    pd.testing.assert_frame_equal(trials(finished), table)


def test_two_jobs_tune_as_one_does(finished: Path, tmp_path: Path) -> None:
    shutil.copy(finished / "tiny.yaml", tmp_path)
    assert run(tmp_path, "--jobs", "2") == 0
    assert_same(tmp_path, finished)


def test_trials_that_learn_in_stacks_are_those_of_a_search_without(
    finished: Path, tmp_path: Path
) -> None:
    shutil.copy(finished / "tiny.yaml", tmp_path)
    assert run(tmp_path, "--jobs", "1", "--stack", "8") == 0
    ours, theirs = (
        table.loc[table["trial"] < STARTUP_WHOLE, ["trial", "params", "language", "draw"]]
        for table in (trials(tmp_path), trials(finished))
    )
    pd.testing.assert_frame_equal(ours, theirs)
    found = (tmp_path / "results/tiny/stages").glob("*/stage.json")
    facts = [json.loads(path.read_text())["facts"] for path in found]
    assert max(fact.get("stack", 1) for fact in facts) > 4


def test_a_killed_search_goes_on_where_it_was(finished: Path, tmp_path: Path) -> None:
    suite = shutil.copy(finished / "tiny.yaml", tmp_path)
    command = [sys.executable, "-m", "benchmark", str(suite), "--jobs", "1", "--no-report"]
    with subprocess.Popen(
        [*command, "--device", "cpu", "--results", str(tmp_path / "results")],
        stdout=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None and len(stage_times(tmp_path)) < 30:
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
    before = stage_times(tmp_path)
    assert 30 <= len(before) < len(stage_times(finished))
    assert not (tmp_path / TRIALS).exists()
    assert run(tmp_path, "--jobs", "1") == 0
    assert before.items() <= stage_times(tmp_path).items()
    assert_same(tmp_path, finished)


def test_the_plan_tells_how_many_studies_are_left(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = ["plan", str(finished / "tiny.yaml"), "--results"]
    assert main([*plan, str(tmp_path)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "tuning: 2 studies of at most 8 trials, each judged on bb x 2 draws; 0 studies" in told
    assert "Tuned cells count as missing" in told
    assert main([*plan, str(finished / "results")]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "2 studies and 14 trials done" in told
    assert "nothing to run" in told


def test_a_tuned_cell_is_published_and_reproduced(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["publish", str(finished / "results/tiny"), "--to", str(tmp_path / "site")]) == 0
    document = json.loads((tmp_path / "site/leaderboard.json").read_text())
    stored = records(finished).set_index("cell")["params"]
    for row in document["rows"]:
        assert params_of(row, document) == json.loads(stored[row["cell"]])
    row = next(row for row in document["rows"] if row["optimizer"] == "adamw(tuned)")
    assert main(["reproduce", row["cell"], "--from", str(tmp_path / "site")]) == 0
    assert f"{row['cell']}: same" in capsys.readouterr().out


def test_default_cells_alone_need_no_search(finished: Path, tmp_path: Path) -> None:
    shutil.copy(finished / "tiny.yaml", tmp_path)
    assert run(tmp_path, "--jobs", "1", "--only", "optimizer=adamw") == 0
    assert not (tmp_path / TRIALS).exists()
    assert {one["language"] for one in stages(tmp_path, "adapt")} == {"cc"}


def test_settings_that_diverge_never_win(tmp_path: Path, tuned_text: str) -> None:
    text = tuned_text.replace("draws: 2}", "draws: 1, space: {sgd: {lr: [1.0e+38, 0.1]}}}")
    (tmp_path / "tiny.yaml").write_text(text)
    assert run(tmp_path, "--jobs", "1", "--only", "optimizer=sgd(tuned)") == 0
    table = trials(tmp_path).set_index(trials(tmp_path)["params"].str.contains("1e.38"))
    assert table.loc[True, "state"] == "failed"
    assert "diverged: adapt" in table.loc[True, "reason"]
    assert not table.loc[True, "is_best"]
    assert set(records(tmp_path)["status"]) == {"ok"}


def test_methods_are_tuned_with_the_initialisation_that_their_settings_lead_to(
    tmp_path: Path, tuned_text: str
) -> None:
    section = "tune: {trials: 3, draws: 1, axes: [methods, optimizers], space: {joint:"
    text = tuned_text.partition("tune:")[0] + section + " {train_batch: [4, 8]}}}\n"
    (tmp_path / "tiny.yaml").write_text(text.replace("[sgd, adamw]", "[sgd]"))
    assert run(tmp_path, "--jobs", "1") == 0
    table = records(tmp_path)
    names = table["method"] + " " + table["optimizer"]
    assert list(names) == ["joint sgd", "joint(tuned) sgd(tuned)"]
    tried = trials(tmp_path)["params"].map(json.loads)
    assert all(set(params) == {"method.train_batch", "optimizer.lr"} for params in tried)
    batches = {params["method.train_batch"] for params in tried}
    assert {one["method"]["settings"]["train_batch"] for one in stages(tmp_path, "meta_train")} == (
        batches | {16}
    )


def test_a_validation_language_that_cannot_be_read_blocks_tuned_cells_alone(
    tmp_path: Path, tiny_corpus: Path, tuned_text: str
) -> None:
    corpus = tmp_path / "corpus"
    shutil.copytree(tiny_corpus, corpus)
    (corpus / "bb/test.parquet").write_bytes(b"PAR1 is not enough")
    (tmp_path / "tiny.yaml").write_text(tuned_text.replace(str(tiny_corpus), str(corpus)))
    assert run(tmp_path, "--jobs", "1") == 3
    table = records(tmp_path).set_index("optimizer")
    assert set(table.loc[["sgd", "adamw"], "status"]) == {"ok"}
    assert set(table.loc[["sgd(tuned)", "adamw(tuned)"], "status"]) == {"blocked"}
    assert table.loc["sgd(tuned)", "error"] and "test.parquet" in table.loc["sgd(tuned)", "error"]
