"""A published cell is run again: the same, different from which stage on, or not here and why."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmark.cli import main
from benchmark.reproduce.find import find_cell

pytestmark = pytest.mark.usefixtures("timing_at_once")

ONE = ["--only", "optimizer=sgd", "--only", "compression=int8", "--only", "method=joint"]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, tiny_corpus: Path) -> Path:
    """A folder with the results of one cell, and the site that was published of them."""
    folder = tmp_path_factory.mktemp("published")
    (folder / "tiny.yaml").write_text(SUITE.format(corpus=tiny_corpus))
    places = ["--results", str(folder / "results"), "--jobs", "1", "--device", "cpu"]
    assert main([str(folder / "tiny.yaml"), "--no-report", *places, *ONE]) == 0
    assert main(["publish", str(folder / "results/tiny"), "--to", str(folder / "site")]) == 0
    return folder


SUITE = """\
name: tiny
data: {{source: {corpus}, train: [aa, bb], test: [cc], shots: [8]}}
models: [{{name: conv_ctc, channels: 16, blocks: 1, kernel: 3}}]
methods: [joint]
optimizers: [sgd]
compressions: [int8]
seeds: [0]
budget: {{meta_train: 64, adapt: 16}}
timing: {{runs: 11, warmup: 1, seconds: 0.2, batch: 2}}
"""


def document(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "site/leaderboard.json").read_text()))


def cell(folder: Path) -> str:
    return str(document(folder)["rows"][0]["cell"])


def changed(published: Path, target: Path, **row: Any) -> Path:
    """The published leaderboard with other values in its only row."""
    changed = document(published)
    changed["rows"][0] |= row
    path = target / "leaderboard.json"
    path.write_text(json.dumps(changed))
    return path


@pytest.mark.parametrize("place", ["site", "results"])
def test_an_untouched_cell_comes_out_the_same(
    place: str, published: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reproduce", cell(published), "--from", str(published / place)]) == 0
    out = capsys.readouterr().out
    for stage in ("meta_train: same", "adapt: same", "compress: same", "evaluate: same"):
        assert stage in out
    assert f"{cell(published)}: same" in out


@pytest.mark.parametrize(
    ("moved", "answer"), [(0.009, "same within rounding"), (0.02, "different")]
)
def test_a_cell_that_learned_in_a_stack_may_differ_as_far_as_rounding_goes(
    moved: float,
    answer: str,
    published: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rate = document(published)["rows"][0]["wer"] + moved
    place = changed(published, tmp_path, hypotheses="0" * 16, adapt_stack=5, wer=rate)
    assert main(["reproduce", cell(published), "--from", str(place)]) == (answer == "different")
    assert f"{cell(published)}: {answer}" in capsys.readouterr().out


def test_every_file_that_holds_a_cell_tells_the_same_of_it(published: Path) -> None:
    found = find_cell(cell(published), published / "site")
    for place in ("site/leaderboard.parquet", "results/tiny/records.parquet", "results/tiny"):
        other = find_cell(cell(published), published / place)
        assert other.params == found.params
        assert other.lineage == found.lineage
        assert other.hypotheses == found.hypotheses


def data_folder(published: Path) -> Path:
    text = (published / "tiny.yaml").read_text()
    return Path(text.split("source: ")[1].split(",")[0])


def test_finished_stages_are_not_taken_from_the_results(published: Path, tmp_path: Path) -> None:
    shutil.copytree(published / "results", tmp_path / "results")
    for path in (tmp_path / "results/tiny/stages").glob("*/hypotheses.parquet"):
        path.write_bytes(b"not what the model says")
    before = sorted((tmp_path / "results").rglob("*"))
    assert main(["reproduce", cell(published), "--from", str(tmp_path / "results")]) == 0
    assert sorted((tmp_path / "results").rglob("*")) == before


def test_the_first_stage_that_differs_is_named(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lineage = document(published)["rows"][0]["lineage"]
    for stage in lineage:
        if stage["kind"] in ("adapt", "compress"):
            stage["content"] = "other"
    place = changed(published, tmp_path, lineage=lineage, hypotheses="other")
    assert main(["reproduce", cell(published), "--from", str(place)]) == 1
    out = capsys.readouterr().out
    assert "meta_train: same weights" in out
    assert "different: stage adapt is the first that differs" in out


def test_another_version_of_a_stage_is_not_reproducible(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lineage = document(published)["rows"][0]["lineage"]
    lineage[1]["key"] = "0" * 20
    place = changed(published, tmp_path, lineage=lineage)
    assert main(["reproduce", cell(published), "--from", str(place)]) == 3
    assert "this version computes stage adapt differently" in capsys.readouterr().out


def test_other_speech_in_the_folder_is_noticed(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "corpus"
    shutil.copytree(data_folder(published), corpus)
    shutil.copy(corpus / "bb/test.parquet", corpus / "aa/test.parquet")
    place = ["--from", str(published / "site"), "--data", str(corpus)]
    assert main(["reproduce", cell(published), *place]) == 3
    assert "the speech of aa differs from the published speech" in capsys.readouterr().out


def test_a_folder_that_is_gone_is_asked_for(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = document(published)
    gone["sources"][0]["suite_text"] = SUITE.format(corpus="/nowhere/at/all")
    (tmp_path / "leaderboard.json").write_text(json.dumps(gone))
    assert main(["reproduce", cell(published), "--from", str(tmp_path)]) == 3
    assert "--data DIR" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "words"),
    [("meteor", "unknown method 'meteor'"), ("evil.module:Method", "no code that a row names")],
)
def test_a_method_that_is_not_here_is_named_and_never_imported(
    name: str,
    words: str,
    published: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = document(published)
    other["members"]["method"]["joint"]["name"] = name
    (tmp_path / "leaderboard.json").write_text(json.dumps(other))
    assert main(["reproduce", cell(published), "--from", str(tmp_path)]) == 3
    assert words in capsys.readouterr().out


def test_a_cell_of_a_gpu_is_not_run_on_a_cpu_unasked(
    published: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    place = changed(published, tmp_path, device="cuda")
    assert main(["reproduce", cell(published), "--from", str(place)]) == 3
    assert "no CUDA device" in capsys.readouterr().out


def test_a_failure_that_no_longer_happens_is_a_difference(published: Path, tmp_path: Path) -> None:
    place = changed(published, tmp_path, status="diverged")
    assert main(["reproduce", cell(published), "--from", str(place)]) == 1


def test_an_absent_cell_and_an_empty_place_are_usage_errors(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reproduce", "nothing", "--from", str(published / "site")]) == 2
    assert "no cell 'nothing'" in capsys.readouterr().err
    assert main(["reproduce", "nothing", "--from", str(tmp_path)]) == 2
    assert "no leaderboard.json" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"rows": [{"cell": "c"}]}'])
def test_a_damaged_leaderboard_is_named(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "leaderboard.json").write_bytes(content)
    assert main(["reproduce", "c", "--from", str(tmp_path)]) == 3
    assert "not a published leaderboard" in capsys.readouterr().err


def test_records_hold_what_reproducing_needs(published: Path) -> None:
    table = pd.read_parquet(published / "results/tiny/records.parquet")
    lineage = json.loads(table["lineage"].iloc[0])
    assert [stage["kind"] for stage in lineage] == ["meta_train", "adapt", "compress", "evaluate"]
    assert all(stage["content"] for stage in lineage[:3])
