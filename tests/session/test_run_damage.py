"""A finished suite whose files are damaged says so and mends itself when it is run again."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from benchmark.cli import main
from benchmark.results.columns import VARYING
from benchmark.store import integrity

pytestmark = pytest.mark.usefixtures("timing_at_once")


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory, suite_text: str) -> Path:
    """A folder in which a small suite has run to its end."""
    folder = tmp_path_factory.mktemp("pristine")
    text = suite_text.replace("[scratch, joint, {", "[joint] # {")
    text = text.replace("[sgd, adamw]", "[sgd]").replace("[none, int8]", "[none]")
    (folder / "tiny.yaml").write_text(text)
    assert run(folder) == 0
    return folder


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    """A copy of it, which nobody has read yet."""
    integrity._hashed.clear()
    return Path(shutil.copytree(pristine, tmp_path / "copy"))


def run(folder: Path, *options: str) -> int:
    places = ["--results", str(folder / "results"), "--reports", str(folder / "reports")]
    jobs = [] if "--jobs" in options else ["--jobs", "1"]
    suite = str(folder / "tiny.yaml")
    return main([suite, "--device", "cpu", "--no-report", *jobs, *places, *options])


def stage(folder: Path, kind: str) -> Path:
    stages = (folder / "results/tiny/stages").glob("[!.]*/stage.json")
    return next(p.parent for p in stages if json.loads(p.read_text())["kind"] == kind)


def flip_unseen(path: Path) -> None:
    """Change a bit, and nothing else that could be seen."""
    stat = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def assert_same(ours: Path, theirs: Path) -> None:
    """Rows, lineage with the digests of all weights, and utterances."""
    for name in ("records", "utterances"):
        tables = [pd.read_parquet(f / f"results/tiny/{name}.parquet") for f in (ours, theirs)]
        tables = [table.drop(columns=list(VARYING & set(table.columns))) for table in tables]
        pd.testing.assert_frame_equal(*tables)


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("meta_train", "weights.safetensors"),
        ("evaluate", "hypotheses.parquet"),
        ("time", "stage.json"),
    ],
)
def test_a_damaged_file_of_a_stage_is_made_again_even_where_nobody_waits_for_it(
    folder: Path, pristine: Path, capsys: pytest.CaptureFixture[str], kind: str, file: str
) -> None:
    damaged = stage(folder, kind)
    path = damaged / file
    path.write_bytes(path.read_bytes()[:100])
    assert run(folder) == 0
    out = capsys.readouterr().out
    (line,) = [line for line in out.splitlines() if "is damaged" in line]
    for part in (damaged.name, file, "made again"):
        assert part in line
    assert "1 stages run" in out
    assert_same(folder, pristine)
    assert run(folder) == 0
    assert "0 stages run" in capsys.readouterr().out


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_flip_that_only_content_tells_is_found_by_the_stage_that_uses_the_file(
    folder: Path, pristine: Path, capsys: pytest.CaptureFixture[str], jobs: str
) -> None:
    learnt = stage(folder, "meta_train")
    flip_unseen(learnt / "weights.safetensors")
    for kind in ("adapt", "compress", "evaluate", "score"):
        shutil.rmtree(stage(folder, kind))
    assert run(folder, "--jobs", jobs) == 0
    out = capsys.readouterr().out
    (line,) = [line for line in out.splitlines() if "is damaged" in line]
    for part in ("meta_train", learnt.name, "weights.safetensors has other bytes"):
        assert part in line
    assert_same(folder, pristine)


def test_tables_are_not_made_from_a_damaged_score(
    folder: Path, pristine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flip_unseen(stage(folder, "score") / "utterances.parquet")
    (folder / "results/tiny/records.parquet").unlink()
    assert run(folder) == 0
    assert "score" in capsys.readouterr().out
    assert_same(folder, pristine)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


@pytest.mark.parametrize(
    ("name", "harm"),
    [
        ("records.parquet", flip_unseen),
        ("utterances.parquet", _truncate),
        ("utterances.parquet", flip_unseen),
        ("provenance.json", flip_unseen),
        ("provenance.json", _truncate),
    ],
)
def test_a_damaged_table_is_written_again_and_read_by_nobody_before(
    folder: Path,
    pristine: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    harm: Callable[[Path], None],
) -> None:
    results = folder / "results/tiny"
    harm(results / name)
    for command in (
        ["report", str(results), "--reports", str(folder / "reports")],
        ["compare", str(results), str(results)],
        ["publish", str(results), "--to", str(folder / "site")],
    ):
        assert main(command) == 3, command
        assert name in capsys.readouterr().err
    assert run(folder) == 0
    out = capsys.readouterr().out
    assert len([line for line in out.splitlines() if name in line]) == 1
    assert_same(folder, pristine)
    assert main(["compare", str(results), str(results)]) == 0


def test_a_damaged_model_is_not_exported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cell = pd.read_parquet(folder / "results/tiny/records.parquet")["cell"].iloc[0]
    command = ["export", cell, "--from", str(folder / "results"), "--to", str(folder / "model")]
    flip_unseen(stage(folder, "compress") / "artefact.safetensors")
    assert main(command) == 3
    assert "artefact.safetensors has other bytes" in capsys.readouterr().err
    assert not (folder / "model").exists()


def test_speech_that_was_damaged_after_it_was_prepared_is_prepared_again(
    folder: Path,
    pristine: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache = Path(os.environ["BENCHMARK_CACHE"])
    shutil.copytree(cache, folder / "cache")
    monkeypatch.setenv("BENCHMARK_CACHE", str(folder / "cache"))
    stages = [json.loads(p.read_text()) for p in (folder / "cache/prepared").glob("*/stage.json")]
    # Other tests may have prepared a language of this name, too.
    damaged = [s["key"] for s in stages if s["identity"]["language"] == "bb"]
    for key in damaged:
        flip_unseen(folder / "cache/prepared" / key / "audio.i16")
    shutil.rmtree(folder / "results")
    assert run(folder) == 0
    out = capsys.readouterr().out
    lines = [f"prepare {key} is damaged: audio.i16 has other bytes" for key in damaged]
    assert sum(line in out for line in lines) == 1
    assert_same(folder, pristine)


def test_a_stage_that_is_deleted_while_it_is_written_is_written_again(
    folder: Path,
    pristine: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from benchmark.execute.stages import adapt

    save, deleted = adapt.save_weights, []

    def delete_once(network: object, place: Path) -> None:
        if not deleted:
            deleted.append(place)
            shutil.rmtree(place)
        save(network, place)  # type: ignore[arg-type]

    monkeypatch.setattr(adapt, "save_weights", delete_once)
    for kind in ("adapt", "compress", "evaluate", "score"):
        shutil.rmtree(stage(folder, kind))
    assert run(folder) == 0
    captured = capsys.readouterr()
    assert deleted and "Traceback" not in captured.out + captured.err
    assert_same(folder, pristine)
