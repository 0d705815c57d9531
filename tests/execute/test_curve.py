"""Adaptation curves end to end on a tiny corpus."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from benchmark.cli import main
from benchmark.store.stages import StageRecord, StageStore

pytestmark = pytest.mark.usefixtures("timing_at_once")

KEY = ["method", "optimizer", "compression"]


def run(folder: Path, *options: str) -> pd.DataFrame:
    folder.mkdir(exist_ok=True)
    places = ["--results", str(folder), "--reports", str(folder), "--no-report"]
    suite = str(folder.parent / "tiny.yaml")
    assert main([suite, "--device", "cpu", "--jobs", "1", *places, *options]) == 0
    return pd.read_parquet(folder / "tiny/records.parquet").set_index(KEY)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, suite_text: str) -> Path:
    folder = tmp_path_factory.mktemp("curves")
    (folder / "tiny.yaml").write_text(suite_text)
    return folder


SUITE = (
    *("--set", "budget={meta_train: 2400, adapt: 400}"),
    *("--set", "optimizers=[{name: adamw, lr: 3.0e-3}, {name: sgd, lr: 1.0e-12}]"),
    *("--only", "method=joint"),
)
CURVE = ("--set", "curve=[0, 1, 3, 100]")
LEARNING, STILL = "adamw(lr=0.003)", "sgd(lr=1e-12)"


@pytest.fixture(scope="module")
def plain(folder: Path) -> pd.DataFrame:
    return run(folder / "plain", *SUITE, "--only", "compression=none")


@pytest.fixture(scope="module")
def curved(folder: Path) -> pd.DataFrame:
    return run(folder / "curved", *SUITE, *CURVE)


def stages(folder: Path, kind: str) -> list[StageRecord]:
    store = StageStore(folder / "tiny/stages")
    return [record for record in store.records() if record.kind == kind]


def test_asking_for_curves_changes_no_hypothesis_and_no_weight(
    plain: pd.DataFrame, curved: pd.DataFrame, folder: Path
) -> None:
    for key, cell in plain.iterrows():
        assert curved.loc[key, "n_errors"] == cell["n_errors"]
    contents = [{r.content for r in stages(folder / f, "adapt")} for f in ("plain", "curved")]
    assert contents[0] == contents[1]
    assert plain["curve"].isna().all()


def test_a_curve_ends_at_the_error_of_the_uncompressed_cell(curved: pd.DataFrame) -> None:
    for key, cell in curved.iterrows():
        curve = json.loads(cell["curve"])
        assert list(curve) == ["0", "1", "3", "50"], key
        assert min(curve.values()) - 1e-9 <= cell["curve_area"] <= max(curve.values()) + 1e-9
        if key[2] == "none":
            assert curve["50"] == pytest.approx(cell[cell["metric"]], abs=1e-12)


def test_a_curve_begins_at_the_error_of_the_network_that_did_not_adapt(
    curved: pd.DataFrame,
) -> None:
    """With steps too small to change anything, a cell is the network that did not adapt."""
    curve = json.loads(curved.loc[("joint", LEARNING, "none"), "curve"])
    unadapted = curved.loc[("joint", STILL, "none"), "wer"]
    assert curve["0"] == unadapted
    assert curve["50"] != unadapted


def test_snapshots_are_deleted_once_they_are_transcribed(
    curved: pd.DataFrame, folder: Path
) -> None:
    assert len(stages(folder / "curved", "curve")) == 2
    assert not list((folder / "curved").rglob("snapshots"))


def test_a_finished_suite_with_curves_does_no_work(curved: pd.DataFrame, folder: Path) -> None:
    files = sorted((folder / "curved").rglob("*"))
    before = [path.stat().st_mtime_ns for path in files]
    run(folder / "curved", *SUITE, *CURVE)
    assert [path.stat().st_mtime_ns for path in files] == before


def test_a_curve_that_cannot_be_drawn_spoils_no_cell(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import benchmark.execute.stages.curve as curve

    def fail(*arguments: object) -> None:
        raise RuntimeError("no curve today")

    monkeypatch.setattr(curve, "_transcribed", fail)
    options = (*CURVE, "--only", "method=scratch", "--only", "optimizer=sgd")
    options = (*options, "--only", "compression=none")
    table = run(folder / "failed", *options)
    assert set(table["status"]) == {"ok"}
    assert table["curve"].isna().all()
    monkeypatch.undo()
    assert run(folder / "failed", *options, "--retry-failed")["curve"].notna().all()
