"""`results/*` names more than results: what is none is left out with a line, never in silence."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from benchmark.cli import main
from benchmark.errors import DataError, UserError
from benchmark.results.folders import results_folders
from benchmark.results.write import write_records


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """What `results/` holds after some months: two runs, and what is none."""
    folder = tmp_path / "results"
    for name in ("first", "second"):
        (folder / name).mkdir(parents=True)
        write_records(folder / name, [])
    (folder / "baselines/smoke").mkdir(parents=True)
    (folder / "baselines/smoke/baseline.parquet").write_bytes(b"")
    (folder / "half/stages/abc").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "README.md").write_text("What lies here")
    return folder


def chosen(paths: list[Path]) -> tuple[list[str], list[str]]:
    """The names of what is kept, and the lines that are printed."""
    console = Console(file=io.StringIO(), width=200, soft_wrap=True)
    kept = results_folders(paths, console)
    assert isinstance(console.file, io.StringIO)
    return [path.name for path in kept], console.file.getvalue().splitlines()


def test_a_line_for_each_that_is_none(results: Path) -> None:
    kept, lines = chosen(sorted(results.iterdir()))
    assert kept == ["first", "second"]
    assert [line.removeprefix(f"left out {results}/") for line in lines] == [
        "README.md: a file, not a results folder",
        "baselines: it holds baselines; no records.parquet here",
        "empty: no records.parquet here",
        "half: its run has not finished; no records.parquet here",
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("baselines", "it holds baselines"),
        ("baselines/smoke", "it holds baselines"),
        ("half", "its run has not finished"),
        ("empty", "no records.parquet here"),
        ("README.md", "a file, not a results folder"),
        ("", "no records.parquet here, but in folders below it"),
    ],
)
@pytest.mark.parametrize(
    "command",
    [
        ["publish", "{}", "--to", "site"],
        ["report", "{}", "--reports", "reports"],
        ["check", "--baseline", "{}", "--candidate", "{}"],
    ],
)
def test_alone_it_is_an_error(
    name: str,
    words: str,
    command: list[str],
    results: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(results)
    path = str(results / name)
    if command[0] == "check" and (name.startswith("baselines/") or name.endswith(".md")):
        pytest.skip("a gate takes a baseline for a side, and says itself what is wrong with a file")
    assert main([part.replace("{}", path) for part in command]) == 3
    error = capsys.readouterr().err
    assert error.startswith(f"error: {path}: ")
    assert words in error
    assert error.count("\n") == 1


def test_where_nothing_remains_and_where_a_path_is_wrong(results: Path) -> None:
    with pytest.raises(DataError, match="none of 2 paths is a results folder"):
        chosen([results / "README.md", results / "baselines"])
    with pytest.raises(UserError, match="frist: no such file or folder") as refused:
        chosen([results / "frist", results / "second"])
    assert refused.value.exit_code == 2


def test_one_that_is_named_twice_counts_once(results: Path) -> None:
    assert chosen([results / "first", results / "first"]) == (["first"], [])
